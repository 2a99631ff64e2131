import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { messageOf } from "../model/errors.ts";
import { startLineChild } from "./line-child.ts";
import { busyFor, queryHelperProgram } from "./query-helper-program.ts";

/** One statement for a SQLite database; parameters are bound by name, never put into the text. */
export interface Query {
  /** Absolute. A missing file is an error, and not made. */
  readonly file: string;
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
  /** False: the database is opened to be read only. */
  readonly writes: boolean;
}

/** The first row of a query that reads, how many rows one that writes has changed, or why it could not be done. */
export type QueryAnswer =
  | { readonly row: Readonly<Record<string, unknown>> | null }
  | { readonly changes: number }
  | { readonly error: string };

interface Helper {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (answer: QueryAnswer) => void>;
}

/** A helper that nobody asks anything is ended after this many milliseconds. */
const idleFor = 60_000;

let helper: Helper | undefined;
let idle: NodeJS.Timeout | undefined;
let asked = 0;

/**
 * Asks a SQLite database. In a process of its own, because a database may be on a file system that hangs, and because whoever closes a
 * file drops all locks that its process has on it. There is one such process, started at the first question; it ends with
 * healq, after a minute without questions, and when a question is given up: what else was asked then is told so. Never rejects.
 */
export function askDatabase(query: Query, signal: AbortSignal): Promise<QueryAnswer> {
  if (signal.aborted) return Promise.resolve(givenUp(query));
  try {
    helper ??= startHelper();
  } catch (error) {
    return Promise.resolve({ error: `SQLite cannot be asked: ${messageOf(error)}` });
  }
  const { child, waiting } = helper;
  const id = ++asked;
  clearTimeout(idle);
  return new Promise((resolve) => {
    const giveUp = () => {
      resolve(givenUp(query));
      end(child);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    waiting.set(id, (answer) => {
      signal.removeEventListener("abort", giveUp);
      resolve(answer);
      if (waiting.size === 0) idle = setTimeout(() => end(child), idleFor).unref();
    });
    child.stdin?.write(`${JSON.stringify({ id, ...query })}\n`);
  });
}

function givenUp({ file }: Query): QueryAnswer {
  return { error: `${file} did not answer in time` };
}

function end(child: ChildProcess): void {
  if (helper?.child === child) helper = undefined;
  child.kill("SIGKILL");
}

function startHelper(): Helper {
  const libsql = createRequire(import.meta.url).resolve("libsql");
  const waiting: Helper["waiting"] = new Map();
  const settle = (id: number, answer: (answer: QueryAnswer) => void, said: QueryAnswer) => {
    waiting.delete(id);
    answer(said);
  };
  const child = startLineChild(["-e", queryHelperProgram, libsql, String(busyFor)], {
    onLine: (line) => {
      // Our own program wrote it.
      const { id, ...said } = JSON.parse(line) as QueryAnswer & { id: number };
      const answer = waiting.get(id);
      if (answer !== undefined) settle(id, answer, said);
    },
    onGone: (error = "the helper process was ended, because another question hung") => {
      if (helper?.child === child) helper = undefined;
      for (const [id, answer] of waiting) settle(id, answer, { error });
    },
  });
  return { child, waiting };
}
