import { createContext, Script } from "node:vm";
import * as z from "zod";

/** Some patterns take exponential time on some texts; a match that takes longer than this is given up. Milliseconds. */
const matchWithin = 15;

const script = new Script("pattern.test(text)");

/** True if the pattern is found; undefined if it could not be told in 15 ms, twice: a busy machine may take that for itself once. The text is untrusted. */
export function matches(pattern: RegExp, text: string): boolean | undefined {
  return matchOnce(pattern, text) ?? matchOnce(pattern, text);
}

function matchOnce(pattern: RegExp, text: string): boolean | undefined {
  try {
    // The timeout of a vm script also stops the engine inside a regular expression; nothing else in Node does.
    return script.runInContext(createContext({ pattern, text }), { timeout: matchWithin }) === true;
  } catch {
    return undefined;
  }
}

const remover = new Script("text.replaceAll(pattern, '')");

/** The text without all that the pattern matches, within the same time, tried twice as well; undefined if that was too short. The text is untrusted. */
export function without(pattern: RegExp, text: string): string | undefined {
  return withoutOnce(pattern, text) ?? withoutOnce(pattern, text);
}

function withoutOnce(pattern: RegExp, text: string): string | undefined {
  const all = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  try {
    return String(remover.runInContext(createContext({ pattern: all, text }), { timeout: matchWithin }));
  } catch {
    return undefined;
  }
}

/** The pattern of `/text/flags`; undefined if it is not written like that, or not valid. */
export function patternOf(text: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
  return source === undefined ? undefined : compiled(source, flags ?? "");
}

/** A regular expression without slashes around it. */
export function regexField() {
  return z
    .string()
    .min(1)
    .refine((text) => compiled(text, "") !== undefined, { error: "is not a valid regular expression" });
}

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}
