import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { messageOf } from "../model/errors.ts";
import { type Place, placeOf } from "./place.ts";
import { Problems } from "./problem.ts";
import { readTree } from "./read-tree.ts";

/** A config file as places with values. */
interface ParsedFile {
  /** Undefined when its syntax is wrong, which `problems` then says. */
  readonly root: Place | undefined;
  /** What could be read of it nevertheless. */
  readonly rest?: Place | undefined;
  readonly problems: Problems;
}

/** Reads YAML 1.2, fills in environment variables, keeps where each value stands; never throws. */
export function parseYaml(file: string, text: string, env: NodeJS.ProcessEnv): ParsedFile {
  const lines = new LineCounter();
  const problems = new Problems(file, (offset) => lines.linePos(offset));
  try {
    // Duplicate keys are found while the tree is read: yaml's own search takes a time that grows with the square of a map.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const faults = [...document.errors, ...document.warnings];
    const conflict = faults.length === 0 ? -1 : text.search(/^<{7} /m);
    if (conflict >= 0)
      problems.add(conflict, [], "a merge conflict was left here: keep one of its two sides");
    else for (const error of faults) problems.add(error.pos[0], [], describe(error, text));
    if (problems.count > 0) return { root: undefined, rest: restOf(document, env), problems };
    return { root: rootOf(document, env, problems), problems };
  } catch (error) {
    // A thousand brackets exhaust the stack of the parser.
    const why =
      error instanceof RangeError ? "is nested too deeply" : `cannot be understood: ${messageOf(error)}`;
    problems.add(undefined, [], why);
    return { root: undefined, problems };
  }
}

/** What the parser made of a text with wrong syntax: as a rule all that stands before the fault. Whatever is said of it is not the point. */
function restOf(document: Document.Parsed, env: NodeJS.ProcessEnv): Place | undefined {
  try {
    return placeOf(readTree(document, env, new Problems("", () => ({ line: 0, col: 0 }))));
  } catch {
    return undefined;
  }
}

/** The top-level map, or undefined with the problem said. */
function rootOf(document: Document.Parsed, env: NodeJS.ProcessEnv, problems: Problems): Place | undefined {
  const tree = readTree(document, env, problems);
  const root = placeOf(tree);
  if (root.isMap) return root;
  const empty = tree.value === null;
  problems.add(
    empty ? undefined : tree.at,
    [],
    empty ? "is empty; `healq init` writes one to start from" : "must be a map: targets: …",
  );
  return undefined;
}

/** yaml's messages, in the words of a config file where they speak of its programming interface. */
function describe(error: YAMLError, text: string): string {
  if (error.code === "MULTIPLE_DOCS") return "a second document begins here; a config file has one";
  if (error.message.includes("call stack")) return "is nested too deeply";
  const line = text.slice(text.lastIndexOf("\n", error.pos[0] - 1) + 1).split("\n", 1)[0] ?? "";
  const hint = line.includes("${") ? `; inside [ ] and { } a variable must be quoted: "\${NAME}"` : "";
  return `YAML syntax: ${error.message.replace(/\s+/g, " ")}${hint}`;
}
