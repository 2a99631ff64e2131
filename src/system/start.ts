import { randomUUID } from "node:crypto";
import { HealqError } from "../model/errors.ts";
import type { Started } from "../model/ports.ts";
import type { Identity, ProcessSpec } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { disownForeign } from "./disown.ts";
import { ensureFifo } from "./fifo.ts";
import { type Machinery, marksOf, specFor } from "./machinery.ts";
import { type Member, markerPrefix, membersOf } from "./members.ts";
import { isAlive, startedAtOf } from "./procfs.ts";
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
  const running = recorded(at, id) ?? adoptByMarker(at, id);
  if (running !== undefined) return { pid: running.pid, adopted: true };
  await endSurvivors(at, id, abort);
  await ensureFifo(at.ledger.fifo(id));
  // The last chance: from here on the process will be there.
  abort?.throwIfAborted();
  return { pid: (await spawnAndRecord(at, spec)).pid, adopted: false };
}

/** The process that is written down, if it lives; its death is noted if not. */
function recorded(at: Machinery, id: string): Identity | undefined {
  disownForeign(at, id);
  const record = at.ledger.record(id);
  if (record?.identity === undefined) return undefined;
  if (isAlive(record.identity) !== "alive") {
    at.exits.noteDead(id, record.identity);
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

/** Finds the copy of a start that was not written down, writes it down and listens to it. */
export function adoptByMarker(at: Machinery, id: string): Identity | undefined {
  const record = at.ledger.record(id);
  const leaders = membersOf(marksOf(at, id))
    // A session leader of the recorded start that is not the recorded process is a child that went into the background.
    .filter((member) => member.leads && member.instance !== undefined && member.instance !== record?.instance)
    .sort(
      (a, b) => preference(at, id, a) - preference(at, id, b) || a.identity.startTime - b.identity.startTime,
    );
  const found = leaders[0];
  if (found?.instance === undefined) return undefined;
  writeDown(at, id, {
    identity: found.identity,
    instance: found.instance,
    startedAt: startedAtOf(found.identity),
  });
  at.exits.hearAdopted(id, found.identity);
  at.ledger.clearIntent(id);
  at.log(`${id}: adopted pid ${found.identity.pid}, which was started but not written down`);
  return found.identity;
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
  at.ledger.writeIntent(id, { op: "start", stage: "spawning", instance, at: startedAt });
  const spawned = await spawnProcess(spec, {
    fifo: at.ledger.fifo(id),
    marker: `${markerPrefix(at.stateDir, id)}${instance}`,
    env: process.env,
    redisUrl: at.redisUrl,
  });
  if ("problem" in spawned) {
    at.ledger.writeRecord(id, { startError: spawned.problem });
    at.ledger.clearIntent(id);
    throw new HealqError("start-failed", `${id} did not start: ${spawned.problem}`);
  }
  // Heard first: should the disk be full now, the next start finds the process by its marker.
  at.exits.hearChild(id, spawned.identity, spawned.child);
  writeDown(at, id, { identity: spawned.identity, instance, startedAt });
  at.ledger.clearIntent(id);
  return spawned.identity;
}

function writeDown(
  at: Machinery,
  id: string,
  run: { identity: Identity; instance: string; startedAt: number },
): void {
  at.ledger.writeRecord(id, { ...run, group: run.identity.pid });
  at.ledger.writePid(id, run.identity.pid);
}
