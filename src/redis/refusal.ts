import { messageOf } from "../model/errors.ts";

/**
 * What Redis says at the start of a refusal, and what that means to a person. A script's refusal carries the same word, on
 * Redis 6 in the middle of its text. Source: the error table in Redis' `server.c` (`createSharedObjects`).
 */
const refusals: readonly (readonly [word: RegExp, meaning: string])[] = [
  [
    /\bOOM command not allowed/,
    "Redis is full (its maxmemory is reached) and takes nothing new: make room in it, or raise it with `redis-cli CONFIG SET maxmemory`",
  ],
  [
    /\bMISCONF\b/,
    "Redis cannot save to its disk and takes nothing new: make room on that disk; its own log says more",
  ],
  [/\bREADONLY\b/, "this Redis has become a replica and takes nothing new: name its primary"],
  [/\bNOREPLICAS\b/, "Redis has too few replicas and takes nothing new: bring them back"],
  [/\bLOADING\b/, "Redis is still reading its data from disk"],
  [/\bBUSY\b/, "Redis is held up by somebody's script: `redis-cli SCRIPT KILL` ends that"],
  [
    /\bWRONGTYPE\b/,
    "somebody has written something else where healq keeps its data in Redis: `healq doctor` names the keys",
  ],
];

/** What a refusal by Redis means, and what to do; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
  const text = messageOf(error);
  return refusals.find(([word]) => word.test(text))?.[1];
}

/** The words for a log: what a refusal means, else the error's own message. */
export function wordsOf(error: unknown): string {
  return refusalOf(error) ?? messageOf(error);
}
