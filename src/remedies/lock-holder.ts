import * as z from "zod";
import type { SqliteFields } from "../checks/sqlite-fields.ts";
import { type Holder, holderOf } from "../checks/sqlite-holder.ts";
import { formatDuration } from "../lib/duration.ts";
import { HealqError } from "../model/errors.ts";
import type { Identity } from "../model/process.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { markerName } from "../system/environment.ts";
import { hasOpen } from "../system/file-locks.ts";
import { cmdlineOf, environValue, isAlive, ownLineage, sameIdentity } from "../system/procfs.ts";
import { writeLockOf } from "../system/sqlite-files.ts";
import { filesNow, locksNow, specOf } from "./sqlite-steps.ts";

/** What may be done about whoever holds the write lock now. */
export type Release =
  /** Nobody holds it, or another one than the one that was seen to hold it too long. */
  | { readonly by: "nobody"; readonly why: string }
  /** It belongs to a process target of this config: that one is healed. */
  | { readonly by: "target"; readonly target: string; readonly holder: Holder }
  /** It may be ended, for this reason. */
  | { readonly by: "stop"; readonly holder: Holder; readonly why: string };

// What the check puts into its finding.
const evidenceSchema = z.looseObject({
  holder: z.looseObject({
    pid: z.number(),
    startTime: z.number(),
    bootId: z.string(),
    stopped: z.boolean().optional(),
    orphaned: z.boolean().optional(),
    abandonedMs: z.number().default(0),
  }),
});

/** Looks who holds the lock now, and whether it may be stopped; throws a `HealqError` that says why it is left alone. */
export function releaseOf(context: RemedyContext): Release {
  const files = filesNow(context.target);
  const lock = writeLockOf(files, locksNow());
  if (lock === undefined) return { by: "nobody", why: "nobody holds its write lock" };
  const holder = holderOf(lock.pid);
  if (holder === undefined)
    throw leftAlone(`the kernel does not say who holds the write lock of ${files.path}`);
  const seen = seenHolder(context);
  if (seen !== undefined && !sameIdentity(seen.holder, holder.identity))
    return { by: "nobody", why: `its write lock has gone over to ${holder.name}` };
  if (hasOpen(lock.pid, lock.file) !== true)
    throw leftAlone(
      `${holder.name} is said to hold the write lock of ${files.path}, but is not seen to have it open`,
    );
  if (ownLineage().has(lock.pid))
    throw leftAlone(`${holder.name} holds the write lock, and is healq or started it`);
  const target = targetOf(holder.identity, context);
  if (target !== undefined) return { by: "target", target, holder };
  const why = mayBeStopped(holder, specOf(context.target)) ?? wasLeftBehind(holder, { seen, context });
  if (why !== undefined) return { by: "stop", holder, why };
  throw leftAlone(
    `${holder.name} holds the write lock, and is neither a target, nor named by holders:, nor left behind; end it by hand, or add it to holders`,
  );
}

function leftAlone(message: string): HealqError {
  return new HealqError("not-ours", `left alone: ${message}`);
}

type Seen = {
  readonly holder: Identity;
  readonly abandoned: string | undefined;
  readonly abandonedMs: number;
};

/** Who was seen to hold it too long; undefined when there is no such finding, as in a heal by force. */
function seenHolder({ finding }: RemedyContext): Seen | undefined {
  const holder = evidenceSchema.safeParse(finding?.evidence).data?.holder;
  if (finding?.symptom !== "sqlite.locked" || holder === undefined) return undefined;
  const abandoned = holder.stopped === true ? "stopped" : holder.orphaned === true ? "orphaned" : undefined;
  return { holder, abandoned, abandonedMs: holder.abandonedMs };
}

/** The id of the process target whose start it came from: it has the very marker of that target's living leader. */
function targetOf({ pid }: Identity, { processes }: RemedyContext): string | undefined {
  const marker = environValue(pid, markerName);
  const id = marker?.split("/")[1];
  if (marker === undefined || id === undefined) return undefined;
  const leader = processes.read(id).identity;
  if (leader === undefined || isAlive(leader) !== "alive") return undefined;
  return environValue(leader.pid, markerName) === marker ? id : undefined;
}

function mayBeStopped({ identity }: Holder, { holders }: SqliteFields): string | undefined {
  if (holders.length === 0) return undefined;
  const command = cmdlineOf(identity.pid);
  const pattern = holders.find((each) => new RegExp(each).test(command));
  return pattern === undefined ? undefined : `holders: names /${pattern}/`;
}

/** By what the look saw, and by what is so now. */
function wasLeftBehind(
  holder: Holder,
  { seen, context }: { seen: Seen | undefined; context: RemedyContext },
): string | undefined {
  const { lockedFor } = specOf(context.target);
  if (holder.abandoned === undefined || seen?.abandoned !== holder.abandoned) return undefined;
  if (seen.abandonedMs < lockedFor) return undefined;
  return `${holder.abandoned} for ${formatDuration(seen.abandonedMs)}`;
}
