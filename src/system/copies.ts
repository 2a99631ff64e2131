import { copyName, whoseCopy } from "../model/copies.ts";
import { HealqError } from "../model/errors.ts";
import type { Started, Stopped, StopReason } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import type { Machinery } from "./machinery.ts";
import { startProcess } from "./start.ts";
import { signalProcess, stopProcess } from "./stop.ts";

// What is done to a target with `instances` is done to each of its copies, under the name of the copy: with its own identity,
// intent, FIFO and marker, so that all that holds for one process holds for each.

/** The copies that are to run; of a target of `oneCopy` that one. */
function wantedCopies(at: Machinery, target: Target): Target[] {
  if (target.id.includes("@")) {
    const { id, copy } = whoseCopy(target.id);
    return [named(target, id, copy)];
  }
  const count = at.specOf(target)?.instances ?? 1;
  return Array.from({ length: count }, (_, i) => named(target, target.id, i + 1));
}

/** Those that were started when more were wanted. */
function surplusCopies(at: Machinery, target: Target): Target[] {
  if (target.id.includes("@")) return [];
  const count = at.specOf(target)?.instances ?? 1;
  const surplus = (at.ledger.copies().get(target.id) ?? []).filter((copy) => copy > count);
  return surplus.map((copy) => named(target, target.id, copy));
}

/** Both. */
export function allCopies(at: Machinery, target: Target): Target[] {
  return [...wantedCopies(at, target), ...surplusCopies(at, target)];
}

function named(target: Target, id: string, copy: number): Target {
  return { ...target, id: copyName(id, copy) };
}

/**
 * Starts the copies that do not run. One that cannot be started keeps none of the others from it; its error comes afterwards.
 * Gives the first that was started, or else the first that runs.
 */
export async function startCopies(at: Machinery, target: Target, abort?: AbortSignal): Promise<Started> {
  const [first, ...others] = wantedCopies(at, target);
  if (first === undefined || others.length === 0) return startProcess(at, first ?? target, abort);
  const running: Started[] = [];
  let failure: unknown;
  for (const copy of [first, ...others]) {
    try {
      running.push(await startProcess(at, copy, abort));
    } catch (error) {
      abort?.throwIfAborted();
      failure ??= error;
    }
  }
  const started = running.find(({ adopted }) => !adopted) ?? running[0];
  if (failure !== undefined || started === undefined) throw failure;
  return started;
}

/** Ends all copies at once, those beyond the wanted ones too. */
export async function stopCopies(
  at: Machinery,
  target: Target,
  why: StopReason,
  abort?: AbortSignal,
): Promise<Stopped> {
  const wanted = wantedCopies(at, target).map((copy) => stopProcess(at, copy, why, abort));
  return merged(await allOf([...wanted, stopSurplus(at, target, abort)]));
}

/** Ends the copies beyond the wanted ones, and forgets them. */
export async function stopSurplus(at: Machinery, target: Target, abort?: AbortSignal): Promise<Stopped> {
  const ended = surplusCopies(at, target).map(async (copy) => {
    const stopped = await stopProcess(at, copy, "shutdown", abort);
    at.ledger.forget(copy.id);
    return stopped;
  });
  return merged(await allOf(ended));
}

/** Waits for all, also when one fails: nothing may go on behind the back of the lock's holder. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

function merged(all: readonly Stopped[]): Stopped {
  const ended = all.filter(({ pid }) => pid !== null);
  const [first, ...rest] = ended;
  if (first === undefined) return { pid: null, signal: null };
  const others = [
    ...(first.others ?? []),
    ...rest.flatMap(({ pid, others: more = [] }) => (pid === null ? more : [pid, ...more])),
  ];
  return { pid: first.pid, signal: first.signal, ...(others.length > 0 && { others }) };
}

/** Sends a signal to all copies that run; gives the first one's pid. Rejects when none does. */
export function signalCopies(at: Machinery, target: Target, signal: NodeJS.Signals): number {
  const pids: number[] = [];
  let failure: unknown;
  for (const copy of wantedCopies(at, target)) {
    try {
      pids.push(signalProcess(at, copy, signal));
    } catch (error) {
      if (!(error instanceof HealqError && error.code === "not-running")) throw error;
      failure ??= error;
    }
  }
  const [first] = pids;
  if (first === undefined) throw failure;
  return first;
}
