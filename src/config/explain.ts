import type * as z from "zod";
import { didYouMean, oneOf } from "./suggest.ts";

/** A fault as zod reports it while parsing, before it has a message. */
type RawIssue = z.core.$ZodRawIssue;

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
  tuple: "a list",
  null: "empty",
};

/** Marks a union that has no message of its own: `issue-problems.ts` then looks into its branches. */
export const undecided = "does not fit";

/**
 * The message for a fault that the schema itself has no words for; given to zod as its error map.
 * Never shows the value: it may be a secret.
 */
export function explain(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return wrongType([typeNames[issue.expected] ?? issue.expected], issue.input);
    case "invalid_value":
      return wrongValue(issue.values.map(String), issue.input);
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return issue.format === "url"
        ? "must be a URL"
        : `does not have the form ${issue.pattern ?? issue.format}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_union":
      return undecided;
    default:
      return undefined;
  }
}

/** `must be text or a list, not a number; quote it`. */
export function wrongType(expected: readonly string[], input: unknown): string {
  const wanted = `must be ${oneOf([...new Set(expected)])}`;
  if (input === undefined) return wanted;
  if (input === null) return `is empty, but ${wanted}`;
  const quotable = expected.includes("text") && (typeof input === "number" || typeof input === "boolean");
  return `${wanted}, not ${typeOf(input)}${quotable ? "; quote it" : ""}`;
}

/** What kind of value zod expected, in the words of a config file. */
export function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

/** What kind of value it is, in the words of a config file. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a number" : `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" ? "text" : "a map";
}

function wrongValue(values: readonly string[], input: unknown): string {
  const hint = typeof input === "string" ? didYouMean(input, values) : "";
  return `must be ${oneOf(values)}${hint}`;
}

function tooSmall(issue: Extract<RawIssue, { code: "too_small" }>): string {
  const { minimum, origin } = issue;
  if (origin === "number" || origin === "int")
    return issue.inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`;
  if (minimum === 1) return "must not be empty";
  return `must have at least ${minimum} ${origin === "string" ? "characters" : "entries"}`;
}

function tooBig(issue: Extract<RawIssue, { code: "too_big" }>): string {
  const { maximum, origin } = issue;
  if (origin === "number" || origin === "int")
    return issue.inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`;
  return `must have at most ${maximum} ${origin === "string" ? "characters" : "entries"}`;
}
