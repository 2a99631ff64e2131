import { createRequire } from "node:module";
import * as z from "zod";
import type { Exact } from "../lib/exact.ts";
import { parseJson } from "../lib/parse-json.ts";
import { plain } from "../lib/plain.ts";
import { runProgram } from "../system/run-program.ts";
import { sqliteProgram } from "../system/sqlite-program.ts";

/** What a process of its own is to do with a database; see `sqliteProgram`. */
export interface SqliteRequest {
  readonly op: "probe" | "checkpoint" | "quickCheck";
  /** Of the database, absolute. */
  readonly path: string;
  /** How long it waits for a lock that somebody else has, in milliseconds. */
  readonly wait: number;
}

const done = z.object({
  end: z.literal("done"),
  /** Of a checkpoint: readers or a writer kept the WAL from being emptied. */
  busy: z.boolean().optional(),
  /** Of a checkpoint: size of the WAL, in bytes. */
  walBefore: z.number().optional(),
  walAfter: z.number().optional(),
  /** Of a quick check: what is wrong, at most five. */
  faults: z.array(z.string()).optional(),
});

const failed = z.object({
  end: z.literal("failed"),
  /** SQLite's code (`SQLITE_BUSY`), or the system's. */
  code: z.string(),
  /** For a person. */
  message: z.string(),
  /** Of a probe that met a lock: somebody committed while it waited. */
  commits: z.boolean().optional(),
});

const answerSchema = z.union([done, failed]);

/** What came of it; `aborted` when the signal came first. */
export type SqliteAnswer = Exact<z.output<typeof answerSchema>> | { readonly end: "aborted" };

/**
 * Has a process of its own do something with a database, and waits for it; never rejects. healq's own process opens no
 * database: closing any descriptor of a file drops every POSIX lock that the process has on it, also those of another look.
 * Source: sqlite.org/howtocorrupt.html, §2.2.
 */
export async function askSqlite(request: SqliteRequest, signal: AbortSignal): Promise<SqliteAnswer> {
  const libsql = libsqlPath();
  if (libsql === undefined) return failure("the npm package libsql is not installed");
  const ran = await runProgram({
    argv: [process.execPath, "--expose-gc", "-e", sqliteProgram, libsql, JSON.stringify(request)],
    cwd: "/",
    env: {},
    signal,
  });
  if (ran.end === "aborted") return { end: "aborted" };
  if (ran.end === "not started") return failure(`it did not start: ${ran.error.message}`);
  if (ran.end === "signal") return failure(`it was killed by ${ran.signal}`);
  const answer = parseJson(answerSchema, ran.stdout);
  if (answer === undefined)
    return failure(plain(ran.stderr.trim().split("\n").at(-1) ?? "") || "it gave no answer");
  return answer.end === "failed" ? { ...answer, message: forPeople(answer) } : answer;
}

function libsqlPath(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve("libsql");
  } catch {
    return undefined;
  }
}

function failure(message: string): SqliteAnswer {
  return { end: "failed", code: "EHELPER", message: `the process that opens databases: ${message}` };
}

function forPeople({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "MODULE_NOT_FOUND")
    return `libsql has no binary for this machine (${process.platform}-${process.arch})`;
  return plain(message);
}
