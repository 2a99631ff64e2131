import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Peer, Supervision, Temper, Worker } from "../peers/peer.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { runs } from "../support/processes.ts";
import { need, pause, waitFor } from "../support/wait.ts";
import { instanceOf, makeWorker, type WorkerKind } from "./worker.ts";

/** A peer with its own workers. */
export interface Contender {
  readonly peer: Peer;
  readonly workers: readonly Worker[];
  readonly supervision: Supervision;
}

/** Starts each peer that is there, all at once, with workers of its own. */
export function startContenders(
  peers: readonly Peer[],
  options: { kinds: readonly WorkerKind[]; temper: Temper; cleanup: Cleanup },
): Promise<Contender[]> {
  const { kinds, temper, cleanup } = options;
  const root = cleanup.folder();
  return Promise.all(
    peers
      .filter((peer) => peer.missing() === undefined)
      .map(async (peer) => {
        const folder = join(root, peer.name);
        mkdirSync(folder);
        const workers = kinds.map((kind, i) => makeWorker(folder, `w${i}`, kind));
        return { peer, workers, supervision: await peer.start({ workers, temper, folder, cleanup }) };
      }),
  );
}

/** One round: the milliseconds from the signal until the last of the workers has a new instance; NaN when it never had. */
async function strike(workers: readonly Worker[], signal: NodeJS.Signals, within: number): Promise<number> {
  const before = workers.map((worker) => {
    const pid = instanceOf(worker)?.pid;
    // Never 0: that would strike the bench itself.
    if (!pid)
      throw new Error(`${worker.pidFile} was rewritten between two looks: the worker ended by itself`);
    return pid;
  });
  const struck = process.hrtime.bigint();
  for (const pid of before) process.kill(pid, signal);
  const times: number[] = [];
  for (const [i, worker] of workers.entries()) {
    const renewed = () => {
      const now = instanceOf(worker);
      return now === undefined || now.pid === before[i] ? undefined : now;
    };
    const next = await waitFor(renewed, { within });
    times.push(next === undefined ? Number.NaN : Number(next.at - struck) / 1e6);
  }
  return Math.max(...times);
}

/** Until each worker has run for `uptime` and a random part of a second, so that no round keeps step with somebody's cycle. */
async function ready({ peer, workers, supervision }: Contender, uptime: number): Promise<void> {
  const least = BigInt(Math.round((uptime + Math.random() * 1_000) * 1e6));
  const fit = (worker: Worker) => {
    const instance = instanceOf(worker);
    if (instance === undefined || process.hrtime.bigint() - instance.at < least) return false;
    return runs(instance.pid) && supervision.settled(worker.id);
  };
  await need(() => workers.every(fit), { within: 120_000, what: `the workers of ${peer.name} are well` });
}

/**
 * Strikes the workers of each contender, one contender at a time and in turns, so that what else the machine does falls on
 * all alike. Gives the times of each by its name.
 */
export async function contest(
  contenders: readonly Contender[],
  options: { rounds: number; uptime: number; signal: NodeJS.Signals; within: number },
): Promise<Map<string, number[]>> {
  const times = new Map(contenders.map(({ peer }) => [peer.name, [] as number[]]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of contenders) {
      await ready(contender, options.uptime);
      times.get(contender.peer.name)?.push(await strike(contender.workers, options.signal, options.within));
      // What follows a restart (verification, the record) is not to fall on the next one.
      await pause(300);
    }
  }
  return times;
}
