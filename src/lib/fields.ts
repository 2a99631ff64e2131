import * as z from "zod";
import { durationPattern, parseDuration } from "./duration.ts";
import { parseSize, sizePattern } from "./size.ts";

// Zod fields that kinds, remedies, channels and the config share. Each converts to JSON Schema with `io: "input"`.
// A default is given as it would be written, with `.prefault("10s")`: `.default()` would want the parsed value.

/** What ids and node names look like (contract §3); `any` and `all` mean something else, `__proto__` would harm status.json. */
export const idPattern = /^(?!(?:any|all|__proto__)$)(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** A duration such as `500ms`, `10s`, `5m`, `2h`, `7d`; parsed to whole milliseconds, at most ten years. */
export function duration() {
  return z
    .string({
      error: (issue) => `is ${shown(issue.input)}, but a duration has a unit: 500ms, 10s, 5m, 2h or 7d`,
    })
    .regex(durationPattern, {
      error: (issue) => `is ${shown(issue.input)}, but a duration looks like 500ms, 10s, 5m, 2h or 7d`,
      abort: true,
    })
    .transform((text, context) => parseDuration(text) ?? refuse(context, "is longer than ten years"));
}

/** A size such as `64MB` (a million bytes each) or `1GiB`, or a whole number of bytes; parsed to bytes. */
export function size() {
  const said = (input: unknown) => `is ${shown(input)}, but a size looks like 512B, 64MB or 1GiB`;
  return z
    .union(
      [
        z.string().regex(sizePattern, { error: (issue) => said(issue.input), abort: true }),
        z
          .int({ error: (issue) => said(issue.input) })
          .nonnegative({ error: (issue) => said(issue.input), abort: true }),
      ],
      { error: (issue) => said(issue.input) },
    )
    .transform((value, context) => {
      const bytes = typeof value === "number" ? value : parseSize(value);
      return bytes ?? refuse(context, "is larger than can be counted exactly");
    });
}

/** A share such as `85%`; parsed to a number from 0 to 1. */
export function share() {
  const said = (input: unknown) =>
    `is ${shown(input)}, but a share is written as a percentage from 0% to 100%: 85%`;
  return z
    .string({ error: (issue) => said(issue.input) })
    .regex(/^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$/, { error: (issue) => said(issue.input) })
    .transform((text) => Number(text.slice(0, -1)) / 100);
}

/** A program and its arguments as a list of words; never a shell string. */
export function argv() {
  const list = "must be a list of words, the program first: [python3, worker.py]";
  return z
    .array(word(), { error: list })
    .min(1, { error: list })
    .transform((words, context): [string, ...string[]] => {
      const [program, ...rest] = words;
      if (program === undefined || program === "")
        return refuse(context, "needs a program as its first word");
      return [program, ...rest];
    });
}

/** The name of a target, node or channel use: letters, digits, `_`, `.` and `-`, at most 64, no `..`, not `any` or `all`. */
export function id() {
  return z
    .string({
      error: (issue) => `is ${shown(issue.input)}, but a name is text; quote it: "${String(issue.input)}"`,
    })
    .regex(idPattern, { error: (issue) => badId(String(issue.input)) });
}

/** Why a name is none, as the end of a sentence that names the place. */
export function badId(name: string): string {
  if (name === "any" || name === "all")
    return `"${name}" is reserved: it means every ${name === "any" ? "node" : "target"}`;
  if (name === "__proto__") return `"${name}" is reserved`;
  if (name.includes("..")) return `"${name}" may not contain ".."`;
  if (name.length > 64) return "is longer than 64 characters";
  return `"${name}" may have only letters, digits, "_", "." and "-", and starts with a letter, a digit or "_"`;
}

/** One word of a command line: text that the system can pass on. */
function word() {
  return z
    .string({
      error: (issue) => `is ${shown(issue.input)}, but each word is text; quote it: "${String(issue.input)}"`,
    })
    .refine((text) => !text.includes("\0"), { error: "may not contain a NUL character" });
}

/** A value as a person would recognise it in the file. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (typeof value === "string") return value === "" ? "empty" : `"${value}"`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : String(value);
}

/** Reports a problem from inside a transform. */
function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
