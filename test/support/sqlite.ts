import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { createLooker } from "../../src/look/looker.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import { readStat } from "../../src/system/procfs.ts";
import { run } from "./child.ts";
import { noProcesses } from "./look.ts";
import { until } from "./wait.ts";

/** Carries out SQL on a database: `node sqlite-session.mjs DATABASE (- | READY-FILE) STATEMENT…`. */
export const sqliteSession = fileURLToPath(new URL("sqlite-session.mjs", import.meta.url));

/** Carries out statements in a process of its own, and gives the rows of the last one. Never in this process: its locks would be ours. */
export function sql(path: string, ...statements: string[]): Record<string, unknown>[] {
  return JSON.parse(
    execFileSync(process.execPath, [sqliteSession, path, "-", ...statements], { encoding: "utf8" }),
  );
}

/** A new database with so many rows in the table `t`, whose `n` add up to a known sum. */
export function makeDatabase(base: string, journal: "wal" | "delete", rows = 10): string {
  const path = join(base, "app.db");
  const numbers = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows})`;
  sql(
    path,
    `PRAGMA journal_mode = ${journal}`,
    "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)",
    `INSERT INTO t ${numbers} SELECT n, hex(n) || printf('%.80c', 'x') FROM c`,
    "SELECT 1",
  );
  return path;
}

/** What is committed. */
export function contentOf(path: string): { rows: unknown; sum: unknown; whole: unknown } {
  const [row] = sql(
    path,
    "SELECT count(*) AS rows, sum(n + length(text)) AS sum, (SELECT group_concat(quick_check) FROM pragma_quick_check) AS whole FROM t",
  );
  return { rows: row?.rows, sum: row?.sum, whole: row?.whole };
}

/** Takes the write lock, and writes so much that SQLite has to put uncommitted pages on disk. */
export const midTransaction = [
  "PRAGMA cache_size = 5",
  "BEGIN IMMEDIATE",
  "DELETE FROM t WHERE n % 2 = 0",
  "UPDATE t SET text = text || text || text",
];

/** A process with the database open that has carried out the statements, and stays; ended when the current test ends. */
export async function session(path: string, ...statements: string[]) {
  const ready = `${path}.ready`;
  const child = run([process.execPath, sqliteSession, path, ready, ...statements]);
  await until(() => existsSync(ready), { within: 10_000, what: "the session is ready" });
  rmSync(ready);
  return child;
}

/** Stops a process by SIGSTOP; resolves when it is stopped. */
export async function stop({ pid }: { pid: number }): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(() => readStat(pid)?.state === "T", { what: "it is stopped" });
}

/** Looks at targets by a clock that can be put forward; closed when the current test ends. */
export function makeWatch(): { look(target: Target): Promise<Observation>; later(ms: number): void } {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const looker = createLooker({ kindOf, processes: noProcesses, clock });
  onTestFinished(() => looker.close());
  return {
    look: async (target) => {
      const seen: Observation[] = [];
      await looker.look([target], (observation) => seen.push(observation));
      const [observation] = seen;
      if (observation === undefined) throw new Error("the target was skipped");
      return observation;
    },
    later: (ms) => {
      ahead += ms;
    },
  };
}
