import type * as z from "zod";
import { explain, typeName, undecided, wrongType } from "./explain.ts";
import { knownKeys } from "./known-keys.ts";
import type { Place } from "./place.ts";
import type { Path, Problems } from "./problem.ts";
import { didYouMean, oneOf } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** What to check: a place of the file, or some keys of the map there. */
interface Checked {
  readonly place: Place;
  /** Only these keys of the map. Default: the whole value. */
  readonly only?: ReadonlySet<string>;
  /** Keys that the map may have beside those of the schema; to suggest them. */
  readonly beside?: readonly string[];
}

/** Parses what stands at a place. Undefined when it is wrong: the problems then went to `problems` with their places. */
export function checkValue<T>(
  schema: z.ZodType<T>,
  { place, only, beside }: Checked,
  problems: Problems,
): { readonly value: T } | undefined {
  const value = only === undefined ? place.value : pick(place, only);
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return { value: result.data };
  for (const issue of result.error.issues)
    report(issue, [], { schema, place, problems, beside: beside ?? [] });
  return undefined;
}

/** Some entries of a map. */
function pick(place: Place, only: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    place
      .children()
      .map((child) => [String(child.path.at(-1)), child.value] as const)
      .filter(([key]) => only.has(key)),
  );
}

/** Where issues are reported to. */
interface Desk {
  readonly schema: z.ZodType;
  readonly place: Place;
  readonly problems: Problems;
  readonly beside: readonly string[];
}

/** One issue of zod as one problem or several; `before` is the path of the union it was found in. */
function report(issue: Issue, before: Path, desk: Desk): void {
  const path = [...before, ...issue.path];
  const full = [...desk.place.path, ...path];
  const { place, found } = desk.place.follow(path);
  if (desk.problems.knows(full)) return;
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) reportKey(key, path, desk);
    return;
  }
  if (!found) {
    const complained = desk.problems.knows(place.path) && place.path.length > desk.place.path.length;
    if (!complained) desk.problems.add(place.keyAt, full, "is missing");
    return;
  }
  if (issue.code === "invalid_union" && (issue.message === undecided || issue.errors.some(isInside))) {
    reportUnion(issue, path, desk);
    return;
  }
  if (issue.code === "invalid_key") {
    desk.problems.add(place.keyAt, full, issue.issues[0]?.message ?? "is no valid key");
    return;
  }
  desk.problems.add(place.at, full, issue.message);
}

/** All that is wrong by this branch of a union is inside of the value: it is the form that was meant. */
function isInside(branch: readonly Issue[]): boolean {
  return branch.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys");
}

/** An unknown key of a map. */
function reportKey(key: string, path: Path, desk: Desk): void {
  const { place } = desk.place.follow([...path, key]);
  const known = [...knownKeys(desk.schema, path), ...(path.length === 0 ? desk.beside : [])];
  const others = desk.place
    .follow(path)
    .place.children()
    .map((child) => String(child.path.at(-1)));
  // Another form of the value has it.
  const said = known.includes(key)
    ? `may not stand beside ${oneOf(others.filter((other) => other !== key))}`
    : `unknown key${didYouMean(key, known)}`;
  desk.problems.add(place.keyAt, [...desk.place.path, ...path, key], said);
}

/** A value that fits no branch of a union: the branch that fits its type speaks, or all say what they expect. */
function reportUnion(issue: Extract<Issue, { code: "invalid_union" }>, path: Path, desk: Desk): void {
  const place = desk.place.follow(path).place;
  const ofItsType = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.path.length === 0 && inner.code === "invalid_type"),
  );
  const best = [...ofItsType].sort((a, b) => a.length - b.length)[0];
  if (best !== undefined) {
    for (const inner of best) report(inner, path, desk);
    return;
  }
  const roots = issue.errors.flat().filter((inner) => inner.path.length === 0);
  const expected = roots.flatMap((inner) =>
    inner.code === "invalid_type" ? [typeName(inner.expected)] : [],
  );
  desk.problems.add(
    place.at,
    [...desk.place.path, ...path],
    expected.length > 0 ? wrongType(expected, place.value) : undecided,
  );
}
