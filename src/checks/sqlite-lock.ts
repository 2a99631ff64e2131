import { formatDuration } from "../lib/duration.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import { sameIdentity } from "../system/procfs.ts";
import type { DatabaseFiles, WriteLock } from "../system/sqlite-files.ts";
import { type Holder, holderOf } from "./sqlite-holder.ts";

/** The write lock as it was followed from look to look. Times in milliseconds. */
export interface HeldLock {
  readonly lock: WriteLock;
  /** Undefined when the kernel does not say who it is. */
  readonly holder: Holder | undefined;
  /** How long it has been seen with the same holder. */
  readonly forMs: number;
  /** How long its holder has been seen left behind; 0 when it is looked after. */
  readonly abandonedMs: number;
}

/** What is remembered of a lock; times in milliseconds since the epoch. */
interface Followed {
  readonly lock: WriteLock;
  readonly holder: Holder | undefined;
  readonly since: number;
  readonly abandonedSince: number;
}

const memoryKey = "sqlite.lock";

/** Follows the lock: counted from the first look that saw it with the same holder, on the same file. */
export function followLock(lock: WriteLock | undefined, context: CheckContext): HeldLock | undefined {
  // Under this key nothing else is kept.
  const before = context.memory.get(memoryKey) as Followed | undefined;
  if (lock === undefined) {
    if (before !== undefined) forgetLock(context);
    return undefined;
  }
  const now = context.now();
  const holder = holderOf(lock.pid);
  const same =
    before !== undefined && isSame(before, { lock, holder }) && before.since <= now ? before : undefined;
  const left = holder?.abandoned;
  const followed: Followed = {
    lock,
    holder,
    since: same?.since ?? now,
    abandonedSince: left !== undefined && same?.holder?.abandoned === left ? same.abandonedSince : now,
  };
  context.memory.set(memoryKey, followed);
  return {
    lock,
    holder,
    forMs: now - followed.since,
    abandonedMs: left === undefined ? 0 : now - followed.abandonedSince,
  };
}

/** It was let go in between: the next look counts anew. */
export function forgetLock(context: CheckContext): void {
  context.memory.set(memoryKey, undefined);
}

function isSame(a: Pick<Followed, "lock" | "holder">, b: Pick<Followed, "lock" | "holder">): boolean {
  if (a.lock.file.ino !== b.lock.file.ino || a.lock.file.dev !== b.lock.file.dev) return false;
  if (a.holder === undefined || b.holder === undefined)
    return a.lock.pid === b.lock.pid && a.holder === b.holder;
  return sameIdentity(a.holder.identity, b.holder.identity);
}

/** `write lock held for 3 s by python3 import.py (pid 42), which is stopped`. */
export function describeLock({ holder, forMs }: HeldLock): string {
  const who = holder?.name ?? "somebody who cannot be named";
  const left = holder?.abandoned === undefined ? "" : `, which is ${holder.abandoned}`;
  return `write lock held for ${formatDuration(forMs)} by ${who}${left}`;
}

/** The finding that a lock lasts too long; what the cure needs of it is under `holder`. */
export function lockedFinding(
  held: HeldLock,
  { path, lockedFor, files }: { path: string; lockedFor: number; files: DatabaseFiles },
): Finding {
  const { lock, holder, forMs, abandonedMs } = held;
  const wal = files.wal === undefined ? {} : { wal: files.wal.size };
  const who = holder && {
    ...holder.identity,
    command: holder.command,
    uid: holder.uid ?? null,
    state: holder.state,
    parent: holder.parent,
    ...(holder.abandoned === undefined ? {} : { [holder.abandoned]: true, abandonedMs }),
  };
  return {
    symptom: "sqlite.locked",
    severity: "critical",
    fact: false,
    message: `${path}: ${describeLock(held)} (at most ${formatDuration(lockedFor)})`,
    evidence: { lock: lock.on, heldMs: forMs, holder: who ?? { pid: lock.pid }, ...wal },
  };
}
