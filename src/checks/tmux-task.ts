import { resolve } from "node:path";
import { plain } from "../lib/plain.ts";
import type { Target } from "../model/target.ts";
import { childEnvironment, markerName } from "../system/environment.ts";
import { findProgram, notStarted } from "../system/program.ts";
import { askDatabase } from "../system/query-helper.ts";
import { runProgram } from "../system/run-program.ts";
import type { TmuxSpec } from "./tmux-fields.ts";
import { untrustedProgram } from "./untrusted-program.ts";

/** The work that is assigned to a session. */
export interface Task {
  readonly id: string;
  /** Since when, in milliseconds since the epoch, if that is known. */
  readonly since?: number;
}

/** The task of a session, none, or why it cannot be told. */
export type TaskAnswer = { readonly task: Task | undefined } | { readonly problem: string };

/** Longer ids are taken for a mistake. */
const longestId = 200;

/** Asks which task a session has. */
export async function taskOf(
  { spec, base, id }: Pick<Target<TmuxSpec>, "spec" | "base" | "id">,
  session: string,
  signal: AbortSignal,
): Promise<TaskAnswer> {
  const { task } = spec;
  if (task === undefined) return { task: undefined };
  if ("run" in task)
    return askProgram(task.run, { base, told: { HEALQ_TARGET: id, HEALQ_SESSION: session }, signal });
  const file = resolve(base, task.sqlite);
  const answer = await askDatabase({ file, sql: task.query, params: { session }, writes: false }, signal);
  if ("error" in answer) return { problem: `${task.sqlite}: ${plain(answer.error)}` };
  return { task: "row" in answer && answer.row !== null ? taskOfRow(answer.row) : undefined };
}

/** A row's `id`, else its first column; an id that is NULL is no task. */
function taskOfRow(row: Readonly<Record<string, unknown>>): Task | undefined {
  const id = "id" in row ? row.id : Object.values(row)[0];
  if (id === null || id === undefined) return undefined;
  const since = timeOf(row.updated_at);
  return { id: String(id), ...(since === undefined ? {} : { since }) };
}

/** Seconds or milliseconds since the epoch, or a text as SQLite and ISO 8601 write it; without a zone it is UTC. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === "number") return value > 1e11 ? value : value * 1_000;
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return undefined;
  const text = value.replace(" ", "T");
  const time = Date.parse(/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

async function askProgram(
  [name, ...args]: readonly [string, ...string[]],
  { base, told, signal }: { base: string; told: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<TaskAnswer> {
  const environment = childEnvironment({ env: {} }, { env: process.env, marker: "" });
  if ("problem" in environment) return environment;
  const { [markerName]: _, ...env } = environment.env;
  const program = findProgram(name, { cwd: base, path: env.PATH });
  if ("problem" in program) return program;
  const refusal = untrustedProgram(program.path);
  if (refusal !== undefined) return { problem: refusal };
  const ran = await runProgram({
    argv: [program.path, ...args],
    cwd: base,
    env: { ...env, ...told },
    signal,
  });
  if (ran.end === "aborted") return { problem: `${name} did not finish in time` };
  if (ran.end === "not started") return { problem: notStarted(name, ran.error) };
  if (ran.end === "signal") return { problem: `${name} was killed by ${ran.signal}` };
  if (ran.code !== 0) return { problem: `${name} exited with code ${ran.code}: ${plain(ran.stderr)}` };
  const id = ran.stdout.split("\n", 1)[0]?.trim() ?? "";
  if (id.length > longestId) return { problem: `${name} printed an id of more than ${longestId} characters` };
  return { task: id === "" ? undefined : { id } };
}
