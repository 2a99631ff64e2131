import { formatSize } from "../lib/size.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { type LockTable, readLocks } from "../system/file-locks.ts";
import { type DatabaseFiles, walReaders, writeLockOf } from "../system/sqlite-files.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { patience } from "./patience.ts";
import { askSqlite, type SqliteAnswer } from "./sqlite-child.ts";
import { filesOf, type SqliteFields, sqliteSchema } from "./sqlite-fields.ts";
import { holderOf } from "./sqlite-holder.ts";
import { describeLock, followLock, forgetLock, type HeldLock, lockedFinding } from "./sqlite-lock.ts";
import {
  corruptFinding,
  faultOf,
  keepQuickCheck,
  lastQuickCheck,
  quickCheckIsDue,
} from "./sqlite-quick-check.ts";

/**
 * A SQLite database: who has the write lock, and for how long, how large its WAL is, and whether it is whole. Looks at
 * /proc/locks and at the sizes of its files, which disturbs nobody; only a lock that lasts is tried out, by another process.
 */
export const sqlite = defineKind<SqliteFields>({
  kind: "sqlite",
  summary: "a SQLite database: write lock let go in time, small WAL, whole",
  schema: sqliteSchema,
  symptoms: {
    "sqlite.locked": "one process has held the write lock for lockedFor, and nobody else can write",
    "sqlite.wal": "the WAL is larger than walMax: a reader that never ends, or nobody checkpoints",
    "sqlite.corrupt": "quick_check found damage, or it is no database",
  },
  network: false,
  references: () => [],
  defaultLadder: () => ({
    "sqlite.locked": ["release-lock"],
    "sqlite.wal": ["checkpoint"],
    "sqlite.corrupt": [],
  }),
  observe,
});

/** All that one look knows. */
interface Seen {
  readonly target: Target<SqliteFields>;
  readonly context: CheckContext;
  readonly files: DatabaseFiles;
  readonly locks: LockTable;
  readonly held: HeldLock | undefined;
}

/** Over at once, unless a lock lasts or it is time for a quick check. */
function observe(target: Target<SqliteFields>, context: CheckContext): Promise<Look> | Look {
  const { spec } = target;
  const files = filesOf(target, (path) => context.files.remoteMount(path));
  if ("problem" in files) return couldNotTell(files.problem);
  const locks = context.shared.once("file-locks", readLocks);
  if (locks === undefined)
    return couldNotTell("there is no /proc/locks here, and without it nobody can tell who holds a lock");
  const held = followLock(writeLockOf(files, locks), context);
  const seen: Seen = { target, context, files, locks, held };
  if (held !== undefined && held.forMs >= spec.lockedFor) return tryLock(seen, held);
  if (spec.quickCheck !== undefined && quickCheckIsDue(spec.quickCheck, files, context))
    return readThrough(seen);
  return judge(seen, []);
}

/** The longest that a probe waits for the lock, in milliseconds; a writer that is merely busy lets it go within that. */
const longestWait = 1_000;

/** The lock has been there at every look; whether it is the same one all the time only a try can tell. */
async function tryLock(seen: Seen, held: HeldLock): Promise<Look> {
  const { target, context, files } = seen;
  const { path, lockedFor } = target.spec;
  const wait = Math.min(longestWait, Math.floor(patience(target.timeout) / 3));
  const answer = await askSqlite({ op: "probe", path: files.path, wait }, context.signal);
  const fault = faultOf(answer);
  if (fault !== undefined) return judge(seen, [corruptFinding(path, [fault])]);
  if (isLocked(answer)) return judge(seen, [lockedFinding(held, { path, lockedFor, files })]);
  if (answer.end === "done" || ("commits" in answer && answer.commits === true)) {
    forgetLock(context);
    return judge({ ...seen, held: undefined }, []);
  }
  const why = answer.end === "aborted" ? "the look was given up" : answer.message;
  return couldNotTell(
    `${path}: ${describeLock(held)}; whether it is let go in between could not be tried: ${why}`,
    metricsOf(seen),
  );
}

/** Somebody has the lock, and has committed nothing while the probe waited. */
function isLocked(answer: SqliteAnswer): boolean {
  return answer.end === "failed" && answer.code.startsWith("SQLITE_BUSY") && answer.commits !== true;
}

async function readThrough(seen: Seen): Promise<Look> {
  const { target, context, files } = seen;
  const wait = Math.floor(patience(target.timeout) / 3);
  const answer = await askSqlite({ op: "quickCheck", path: files.path, wait }, context.signal);
  keepQuickCheck(answer, files, context);
  return judge(seen, []);
}

/** What the sizes and the last quick check say, beside what is `found` already. */
function judge(seen: Seen, found: readonly Finding[]): Look {
  const { target, context, files, held } = seen;
  const { path, walMax, quickCheck } = target.spec;
  const last = quickCheck === undefined ? undefined : lastQuickCheck(context);
  const findings = [
    ...found,
    ...((files.wal?.size ?? 0) > walMax ? [walFinding(seen)] : []),
    ...(last !== undefined && last.faults.length > 0 ? [corruptFinding(path, last.faults)] : []),
  ];
  const metrics = metricsOf(seen);
  if (findings.length === 0 && last?.cannotTell !== undefined)
    return couldNotTell(`${path}: ${last.cannotTell}`, metrics);
  const wal = files.wal === undefined ? "" : `, WAL ${formatSize(files.wal.size)}`;
  const lock = held === undefined ? "not locked" : describeLock(held);
  return lookOf({ findings, metrics, fine: `${lock}, ${formatSize(files.main.size)}${wal}` });
}

function walFinding({ target, files, locks }: Seen): Finding {
  const { path, walMax } = target.spec;
  const size = files.wal?.size ?? 0;
  const readers = walReaders(files, locks).map((pid) => holderOf(pid)?.name ?? `pid ${pid}`);
  const who = readers.length === 0 ? "" : `; it is read by ${readers.slice(0, 3).join(", ")}`;
  return {
    symptom: "sqlite.wal",
    severity: "warning",
    fact: false,
    message: `${path}-wal has ${formatSize(size)} (at most ${formatSize(walMax)})${who}`,
    evidence: { wal: size, walMax, database: files.main.size, readers: readers.slice(0, 10) },
  };
}

function metricsOf({ files, held }: Pick<Seen, "files" | "held">): Look["metrics"] {
  return { size: files.main.size, walSize: files.wal?.size ?? 0, lockedMs: held?.forMs ?? 0 };
}
