import { setTimeout as sleep } from "node:timers/promises";
import { HealqError, messageOf } from "../model/errors.ts";
import type { Identity } from "../model/process.ts";
import { groupOf } from "./members.ts";
import { isAlive, lifeOf, ownLineage, statOf } from "./procfs.ts";

/** After SIGKILL: what is not gone by then is in uninterruptible sleep, and no signal ends that. Milliseconds. */
const killWait = 2_000;

/** How long the children of a leader that died may take to end by themselves; a restart waits for them. Milliseconds. */
const survivorGrace = 500;

/** Sends a signal to one process, after reading again who has that pid. False when it is gone. */
export function signalOne(identity: Identity, signal: NodeJS.Signals): boolean {
  return send(identity, identity.pid, signal);
}

/** Sends a signal to the whole group of a leader, after reading again that the leader has that pid. False when it is gone. */
export function signalGroup(leader: Identity, signal: NodeJS.Signals): boolean {
  return send(leader, -leader.pid, signal);
}

function send(identity: Identity, to: number, signal: NodeJS.Signals): boolean {
  if (ownLineage().has(identity.pid)) {
    throw new HealqError(
      "own-lineage",
      `pid ${identity.pid} is healq itself or an ancestor of it: not signalled`,
    );
  }
  // Right before the kill: between the two there are microseconds, and no way in Node to have none.
  const stat = statOf(identity);
  if (stat === undefined) return false;
  if (to < 0 && stat.pgrp !== identity.pid) {
    throw new HealqError("no-leader", `pid ${identity.pid} does not lead a group of its own: not signalled`);
  }
  try {
    process.kill(to, signal);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ESRCH") return false;
    throw new HealqError(
      "signal",
      `${signal} to pid ${identity.pid} failed: ${code === "EPERM" ? "it runs as another user" : messageOf(error)}`,
    );
  }
}

/** How to end a group. Milliseconds. */
export interface StopHow {
  readonly signal: NodeJS.Signals;
  readonly timeout: number;
}

/**
 * Ends the whole group of a leader: gracefully, and what is left after the timeout by SIGKILL. A zombie counts as gone.
 * Resolves with the last signal sent, or null when there was nobody. Rejects with a `HealqError` if something cannot be
 * ended, and with the abort's reason when aborted (signals that were sent stay sent).
 */
export async function endGroup(
  leader: Identity,
  how: StopHow,
  abort?: AbortSignal,
): Promise<NodeJS.Signals | null> {
  const left = (): Identity[] => (groupIsEmpty(leader) ? [] : groupOf(leader));
  const stat = statOf(leader);
  // Without the leader (not even its zombie) the group's number proves nothing any more.
  if (stat === undefined || (lifeOf(stat) !== "alive" && left().length === 0)) return null;
  // A stopped process would not see the signal before somebody continues it; and a leader may wait (state D, vfork) for a
  // child of its group that is stopped.
  if ([leader, ...groupOf(leader)].some(isStopped)) signalGroup(leader, "SIGCONT");
  signalGroup(leader, how.signal);
  if (await gone({ leader, left }, how.timeout, abort)) return how.signal;
  if (!signalGroup(leader, "SIGKILL")) for (const identity of left()) signalOne(identity, "SIGKILL");
  await endForGood({ leader, left }, abort);
  return "SIGKILL";
}

/**
 * Ends one process, not its group: it need not be ours. A stopped one gets the signal when it is continued, before anything else.
 * Resolves and rejects as `endGroup` does.
 */
export async function endOne(
  identity: Identity,
  how: StopHow,
  abort?: AbortSignal,
): Promise<NodeJS.Signals | null> {
  const left = (): Identity[] => (isAlive(identity) === "alive" ? [identity] : []);
  if (left().length === 0 || !signalOne(identity, how.signal)) return null;
  if (isStopped(identity)) signalOne(identity, "SIGCONT");
  if (await gone({ left }, how.timeout, abort)) return how.signal;
  signalOne(identity, "SIGKILL");
  await endForGood({ left }, abort);
  return "SIGKILL";
}

/** Ends processes one by one: SIGTERM, half a second, SIGKILL. `find` is asked again: they may have children meanwhile. */
export async function endAll(find: () => readonly Identity[], abort?: AbortSignal): Promise<void> {
  const left = (): Identity[] => find().filter((identity) => isAlive(identity) === "alive");
  const first = left();
  if (first.length === 0) return;
  for (const identity of first) {
    if (isStopped(identity)) signalOne(identity, "SIGCONT");
    signalOne(identity, "SIGTERM");
  }
  if (await gone({ left }, survivorGrace, abort)) return;
  for (const identity of left()) signalOne(identity, "SIGKILL");
  await endForGood({ left }, abort);
}

function isStopped(identity: Identity): boolean {
  return statOf(identity)?.state === "T";
}

interface Waited {
  readonly leader?: Identity;
  readonly left: () => readonly Identity[];
}

async function endForGood(waited: Waited, abort?: AbortSignal): Promise<void> {
  const deadline = performance.now() + killWait;
  // Killed once more in each round: a child may have been born between the scan and the signal.
  while (!(await gone(waited, 100, abort))) {
    const left = waited.left();
    if (performance.now() > deadline) throw new HealqError("unkillable", describeUnkillable(left));
    for (const identity of left) signalOne(identity, "SIGKILL");
  }
}

function describeUnkillable(left: readonly Identity[]): string {
  const list = left
    .map((identity) => `pid ${identity.pid} (state ${statOf(identity)?.state ?? "?"})`)
    .join(", ");
  return `${list} did not end within ${killWait} ms of SIGKILL: state D waits for a device or a network file system, and no signal ends that`;
}

/** Polls at growing steps (1 to 25 ms) until the leader and all others are gone; false after the timeout. */
async function gone(waited: Waited, timeout: number, abort?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeout;
  for (let step = 1; ; step = Math.min(step * 2, 25)) {
    abort?.throwIfAborted();
    const leaderGone = waited.leader === undefined || isAlive(waited.leader) !== "alive";
    if (leaderGone && waited.left().length === 0) return true;
    const rest = deadline - performance.now();
    if (rest <= 0) return false;
    await sleep(Math.min(step, rest));
  }
}

/** One system call instead of a scan. Zombies count as members here, so "no" is to be looked at, "yes" is certain. */
function groupIsEmpty(leader: Identity): boolean {
  try {
    process.kill(-leader.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
