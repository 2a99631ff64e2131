import { HealqError } from "../model/errors.ts";
import type { Stopped, StopReason } from "../model/ports.ts";
import type { Identity } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { disownForeign } from "./disown.ts";
import { type Machinery, specFor } from "./machinery.ts";
import { sessionOf } from "./members.ts";
import { isAlive } from "./procfs.ts";
import { endAll, endGroup, signalGroup } from "./signals.ts";
import { endSurvivors } from "./start.ts";

/** How long the `exit` event of our own child may come after its death was seen, in milliseconds. */
const exitEventWithin = 200;

/**
 * Ends a target's process with its whole group and what else it started. The caller holds the target's lock.
 *
 * The intent tells the next healq what to finish. While signals are sent it says `stopping`; afterwards a stop for
 * a heal leaves `{op: "restart", stage: "stopped"}` behind until a start clears it, since a restart is a stop and
 * a start, and a healq that dies between them must not leave the target down. A stop by a person or at shutdown leaves none.
 * If the second half is called off, a person's stop clears it, or `callOff` where there is none (a pause).
 */
export async function stopProcess(
  at: Machinery,
  target: Target,
  why: StopReason,
  abort?: AbortSignal,
): Promise<Stopped> {
  const spec = specFor(at, target);
  const { id } = target;
  abort?.throwIfAborted();
  disownForeign(at, id);
  const op = why === "heal" ? "restart" : "stop";
  at.ledger.writeIntent(id, { op, stage: "stopping", why, at: at.clock.now() });
  const leader = at.ledger.record(id)?.identity;
  const signal = leader === undefined ? null : await endLeader(at, { id, leader, how: spec.stop }, abort);
  await endSurvivors(at, id, abort);
  const { stoppedByPerson: _stopped, calledOff: _calledOff, ...record } = at.ledger.record(id) ?? {};
  if (why === "heal") {
    at.ledger.writeRecord(id, record);
    at.ledger.writeIntent(id, { op, stage: "stopped", why, at: at.clock.now() });
  } else {
    at.ledger.writeRecord(id, { ...record, stoppedByPerson: true });
    at.ledger.clearIntent(id);
    await at.consoles.close(id);
  }
  return { pid: signal === null ? null : (leader?.pid ?? null), signal };
}

/** Ends a restart between its halves: the target stays down, and how its last process ended says nothing about it. */
export function callOffRestart({ ledger }: Machinery, id: string): void {
  if (ledger.intent(id)?.stage !== "stopped") return;
  ledger.writeRecord(id, { ...ledger.record(id), calledOff: true });
  ledger.clearIntent(id);
}

interface LeaderToEnd {
  readonly id: string;
  readonly leader: Identity;
  readonly how: { readonly signal: NodeJS.Signals; readonly timeout: number };
}

async function endLeader(
  at: Machinery,
  { id, leader, how }: LeaderToEnd,
  abort?: AbortSignal,
): Promise<NodeJS.Signals | null> {
  if (isAlive(leader) === "alive") at.exits.announce(leader);
  // While the leader lives its session is certainly ours; a shell with job control keeps other groups in it.
  const session = isAlive(leader) === "alive" ? sessionOf(leader) : [];
  const signal = await endGroup(leader, how, abort);
  await endAll(() => session, abort);
  if (!(at.exits.isHeard(id, leader) && (await at.exits.settled(id, leader, exitEventWithin))))
    await at.exits.noteDead(id, leader);
  return signal;
}

/** Sends one signal to a target's group, after its leader's identity was read again. Rejects when it does not run. */
export function signalProcess(at: Machinery, target: Target, signal: NodeJS.Signals): number {
  disownForeign(at, target.id);
  const leader = at.ledger.record(target.id)?.identity;
  if (leader === undefined || isAlive(leader) !== "alive" || !signalGroup(leader, signal)) {
    throw new HealqError("not-running", `${target.id} does not run: there is nothing to send ${signal} to`);
  }
  return leader.pid;
}
