import { plain } from "../lib/plain.ts";
import { matches, patternOf } from "./bounded-regex.ts";

/** What the body of an answer must be like. */
interface WantedBody {
  /** A text it holds, or a `/pattern/flags`. */
  readonly body?: string | undefined;
  /** Values by their paths: `{ "checks.0.status": "ok" }`. */
  readonly json?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** What is wrong with a body, for a person; empty when all is as wanted. `undefined` when a pattern could not be tried in time. */
export function bodyProblems(body: string, wanted: WantedBody): string[] | undefined {
  const problems: string[] = [];
  if (wanted.body !== undefined) {
    const pattern = patternOf(wanted.body);
    const held = pattern === undefined ? body.includes(wanted.body) : matches(pattern, body);
    if (held === undefined) return undefined;
    if (!held)
      problems.push(
        `the body does not ${pattern === undefined ? `hold "${plain(wanted.body)}"` : `match ${plain(wanted.body)}`}`,
      );
  }
  if (wanted.json === undefined) return problems;
  const json = parsed(body);
  if (json === undefined) return [...problems, "the body is not JSON"];
  for (const [path, value] of Object.entries(wanted.json)) {
    const found = valueAt(json.value, path);
    if (found !== value) problems.push(`json ${path} is ${shown(found)}, not ${shown(value)}`);
  }
  return problems;
}

/** The value at a path of names and list positions, separated by dots; undefined when there is none. */
function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const name of path.replace(/^\$\.?/, "").split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    // It is an object, or a list, that has this key of its own.
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return plain(JSON.stringify(value));
}
