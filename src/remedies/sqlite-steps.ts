import { basename } from "node:path";
import { askSqlite, type SqliteAnswer, type SqliteRequest } from "../checks/sqlite-child.ts";
import { filesOf, type SqliteFields } from "../checks/sqlite-fields.ts";
import { holderOf } from "../checks/sqlite-holder.ts";
import { formatDuration } from "../lib/duration.ts";
import { withSignal } from "../lib/with-signal.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { type LockTable, readLocks } from "../system/file-locks.ts";
import { readMounts, remoteMountOf } from "../system/remote-mounts.ts";
import { type DatabaseFiles, walReaders, writeLockOf } from "../system/sqlite-files.ts";
import type { CureStep } from "./steps.ts";

/** A target that is known to be a database: its kind's own schema has parsed it. */
export function specOf({ spec }: Pick<Target, "spec">): SqliteFields {
  // The remedies of this file fit no other kind.
  return spec as SqliteFields;
}

/** The files of the database, looked at now; throws a `HealqError` when they cannot be, or lie on a network. */
export function filesNow(target: Target): DatabaseFiles {
  const files = filesOf({ spec: specOf(target), base: target.base }, (path) =>
    remoteMountOf(path, readMounts()),
  );
  if ("problem" in files) throw new HealqError("database", files.problem);
  return files;
}

/** The locks that are held now. */
export function locksNow(): LockTable {
  const locks = readLocks();
  if (locks === undefined)
    throw new HealqError("database", "there is no /proc/locks here: nobody can tell who holds a lock");
  return locks;
}

/** Opens the database, so that SQLite recovers what a killed writer left, and empties its WAL by a checkpoint. */
export function checkpointStep(
  { target, signal }: RemedyContext,
  { within, mustEmpty }: { within: number; mustEmpty: boolean },
): CureStep {
  const { path } = filesNow(target);
  return {
    line: `open ${path}, let SQLite recover it, and empty its WAL (waits ${formatDuration(within)} for others)`,
    act: async () => {
      const answer = await ask({ op: "checkpoint", path, wait: within }, signal);
      const { busy = false, walBefore = 0, walAfter = 0 } = answer;
      if (busy && mustEmpty) throw new HealqError("checkpoint", blockedBy(filesNow(target), locksNow()));
      return { walBefore, walAfter, ...(busy ? { walBusy: true } : {}) };
    },
  };
}

/** Reads all of the database; what takes longer than `within` is given up, which is no failure. */
export function quickCheckStep({ target, signal }: RemedyContext, within: number): CureStep {
  const { path } = filesNow(target);
  return {
    line: `look through ${path} by quick_check, for at most ${formatDuration(within)}`,
    act: async () => {
      const request = { op: "quickCheck", path, wait: within } as const;
      const answer = await withSignal({ signals: [signal], timeout: within }, (both) =>
        askSqlite(request, both),
      );
      signal.throwIfAborted();
      if (answer.end === "aborted") return { quickCheck: `not finished within ${formatDuration(within)}` };
      const faults = answer.end === "failed" ? [answer.message] : (answer.faults ?? []);
      if (faults.length > 0)
        throw new HealqError("database", `${path} is damaged, by quick_check: ${faults.join("; ")}`);
      return { quickCheck: "ok" };
    },
  };
}

/** The answer when it was done; rejects otherwise, with the reason. */
async function ask(
  request: SqliteRequest,
  signal: AbortSignal,
): Promise<Extract<SqliteAnswer, { end: "done" }>> {
  const answer = await askSqlite(request, signal);
  if (answer.end === "done") return answer;
  signal.throwIfAborted();
  const why = answer.end === "failed" ? answer.message : "it was given up";
  throw new HealqError("database", `${request.op} of ${request.path} failed: ${why}`);
}

/** Who keeps the WAL from being emptied. */
function blockedBy(files: DatabaseFiles, locks: LockTable): string {
  const writer = writeLockOf(files, locks);
  const pids = [...(writer === undefined ? [] : [writer.pid]), ...walReaders(files, locks)];
  const names = [...new Set(pids)].map((pid) => holderOf(pid)?.name ?? `pid ${pid}`);
  const who =
    names.length === 0 ? "somebody reads or writes all the time" : `it is used by ${names.join(", ")}`;
  return `the WAL of ${basename(files.path)} could not be emptied: ${who}`;
}
