import { randomUUID } from "node:crypto";
import { HealqError } from "../model/errors.ts";
import type { Started } from "../model/ports.ts";
import type { Identity, ProcessSpec } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { isLauncher } from "./console-launcher.ts";
import { disownForeign } from "./disown.ts";
import { ensureFifo } from "./fifo.ts";
import { type Machinery, marksOf, specFor } from "./machinery.ts";
import { type Member, markerPrefix, membersOf } from "./members.ts";
import { isAlive, listProcesses, startedAtOf } from "./procfs.ts";
import { endAll } from "./signals.ts";
import { spawnProcess } from "./spawn.ts";

/**
 * Starts a target's process, unless a copy runs: one that is written down, or one that a healq before us spawned and died
 * before it could write it down (its marker tells). What is left of a dead leader is ended first.
 * The caller holds the target's lock. Rejects with a `HealqError` `start-failed` when there is nothing to run.
 */
export async function startProcess(at: Machinery, target: Target, abort?: AbortSignal): Promise<Started> {
  const spec = specFor(at, target);
  const { id } = target;
  abort?.throwIfAborted();
  const written = await recorded(at, id);
  if (written !== undefined) return { pid: written.pid, adopted: true };
  // One scan for all questions: is there a copy, and is there anything else.
  const processes = listProcesses();
  const members = membersOf(marksOf(at, id), processes);
  const copy = adoptByMarker(at, id, members);
  if (copy !== undefined) return { pid: copy.pid, adopted: true };
  if (members.length > 0 || at.exits.witnessed(id, processes).length > 0) await endSurvivors(at, id, abort);
  await ensureFifo(at.ledger.fifo(id));
  // The last chance: from here on the process will be there.
  abort?.throwIfAborted();
  return { pid: (await spawnAndRecord(at, spec)).pid, adopted: false };
}

/** The process that is written down, if it lives; its death is noted if not. */
async function recorded(at: Machinery, id: string): Promise<Identity | undefined> {
  disownForeign(at, id);
  const record = at.ledger.record(id);
  if (record?.identity === undefined) return undefined;
  if (isAlive(record.identity) !== "alive") {
    await at.exits.noteDead(id, record.identity);
    return undefined;
  }
  if (record.stoppedByPerson || record.exit !== undefined) {
    const { stoppedByPerson: _stopped, exit: _exit, ...rest } = record;
    at.ledger.writeRecord(id, rest);
  }
  at.ledger.writePid(id, record.identity.pid);
  at.exits.hearAdopted(id, record.identity);
  at.ledger.clearIntent(id);
  return record.identity;
}

/** Finds the copy of a start that was not written down, writes it down and listens to it. `members` as of just now. */
export function adoptByMarker(
  at: Machinery,
  id: string,
  members: readonly Member[] = membersOf(marksOf(at, id)),
): Identity | undefined {
  const record = at.ledger.record(id);
  const leaders = members
    // A session leader of the recorded start that is not the recorded process is a child that went into the background.
    .filter((member) => member.leads && member.instance !== undefined && member.instance !== record?.instance)
    .filter(({ identity }) => !isLauncher(identity.pid))
    .sort(
      (a, b) => preference(at, id, a) - preference(at, id, b) || a.identity.startTime - b.identity.startTime,
    );
  const found = leaders[0];
  if (found?.instance === undefined) return undefined;
  writeDown(at, id, {
    identity: found.identity,
    instance: found.instance,
    startedAt: startedAtOf(found.identity),
    console: at.ledger.intent(id)?.console === true,
  });
  at.exits.hearAdopted(id, found.identity);
  settleConsole(at, id);
  at.ledger.clearIntent(id);
  at.log(`${id}: adopted pid ${found.identity.pid}, which was started but not written down`);
  return found.identity;
}

/** Gives the window of an adopted process its place, should the start have ended before it did; not waited for. */
export function settleConsole(at: Machinery, id: string): void {
  const { console, instance } = at.ledger.record(id) ?? {};
  if (console === true && instance !== undefined) void at.consoles.settle(id, instance);
}

function preference(at: Machinery, id: string, member: Member): number {
  return member.instance === at.ledger.intent(id)?.instance ? 0 : 1;
}

/** Ends what earlier starts of this target left running: their leader is dead. */
export async function endSurvivors(at: Machinery, id: string, abort?: AbortSignal): Promise<void> {
  let said = false;
  const find = (): Identity[] => {
    const members = membersOf(marksOf(at, id)).map((member) => member.identity);
    const survivors = [...members, ...at.exits.witnessed(id)];
    if (survivors.length > 0 && !said) {
      said = true;
      at.log(
        `${id}: its leader is dead; ending what it left running: pid ${survivors.map((one) => one.pid).join(", ")}`,
      );
    }
    return survivors;
  };
  await endAll(find, abort);
}

async function spawnAndRecord(at: Machinery, spec: ProcessSpec): Promise<Identity> {
  const { id } = spec;
  const instance = randomUUID();
  const startedAt = at.clock.now();
  const hadWindow = at.ledger.record(id)?.console === true;
  const isInConsole = spec.console !== undefined;
  at.ledger.writeIntent(id, {
    op: "start",
    stage: "spawning",
    instance,
    at: startedAt,
    ...(isInConsole && { console: true }),
  });
  const spawned = await spawnProcess(spec, {
    stateDir: at.stateDir,
    fifo: at.ledger.fifo(id),
    marker: `${markerPrefix(at.stateDir, id)}${instance}`,
    env: process.env,
    redisUrl: at.redisUrl,
  });
  if ("problem" in spawned) {
    // The window of the one before still stands, for the next stop or start to close.
    at.ledger.writeRecord(id, { startError: spawned.problem, ...(hadWindow && { console: true }) });
    at.ledger.clearIntent(id);
    throw new HealqError("start-failed", `${id} did not start: ${spawned.problem}`);
  }
  const { identity, child } = spawned;
  // A child is heard first: should the disk be full now, the next start finds the process by its marker.
  if (child !== undefined) at.exits.hearChild(id, identity, child);
  writeDown(at, id, { identity, instance, startedAt, console: child === undefined });
  // The end of one that is not ours is noted for the process that is written down, and it may have come already.
  if (child === undefined) at.exits.hearAdopted(id, identity);
  if (child === undefined) await at.consoles.settle(id, instance);
  else if (hadWindow) await at.consoles.close(id);
  at.ledger.clearIntent(id);
  return identity;
}

function writeDown(
  at: Machinery,
  id: string,
  run: { identity: Identity; instance: string; startedAt: number; console: boolean },
): void {
  const { console, ...rest } = run;
  at.ledger.writeRecord(id, { ...rest, ...(console && { console }), group: run.identity.pid });
  at.ledger.writePid(id, run.identity.pid);
}
