import { cpuOf, usageOf } from "../support/processes.ts";
import { quantile } from "../support/statistics.ts";
import { readTicks } from "../support/ticks.ts";
import { pause } from "../support/wait.ts";
import type { Watching } from "./subjects.ts";

/** What watching costs. */
export interface Cost {
  /** The largest of some samples, in MB (10^6 bytes). */
  readonly rss: number;
  readonly pss: number;
  /** Of one core, in percent. */
  readonly cpu: number;
  readonly ticks?: Ticks;
}

/** How punctual healq's ticks were. */
export interface Ticks {
  /** Seconds of the window whose tick came, and how many seconds it had. */
  readonly seen: number;
  readonly of: number;
  /** Milliseconds from the second of the tick until its looks were enqueued, and until they were recorded. */
  readonly enqueued: number;
  readonly recorded: number;
}

const samples = 6;

/** Looks at it for some seconds. */
export async function costOf(watching: Watching, seconds: number): Promise<Cost> {
  const pids = watching.pids();
  const since = Math.ceil(Date.now() / 1_000) * 1_000;
  const before = cpuOf(pids);
  const began = performance.now();
  let [rss, pss] = [0, 0];
  for (let i = 0; i < samples; i += 1) {
    await pause((seconds * 1_000) / samples);
    const usage = usageOf(watching.pids());
    rss = Math.max(rss, usage.rss / 1e6);
    pss = Math.max(pss, usage.pss / 1e6);
  }
  const cpu = (100 * (cpuOf(pids) - before)) / (performance.now() - began);
  if (watching.stateDir === undefined) return { rss, pss, cpu };
  return { rss, pss, cpu, ticks: await ticksOf(watching.stateDir, since, seconds) };
}

async function ticksOf(stateDir: string, since: number, seconds: number): Promise<Ticks> {
  // The last second may not be over.
  const until = since + Math.max(1, Math.floor(seconds) - 1) * 1_000;
  const jobs = (await readTicks(stateDir, since)).filter(({ tick }) => tick < until);
  return {
    seen: new Set(jobs.map(({ tick }) => tick)).size,
    of: (until - since) / 1_000,
    enqueued: quantile(
      jobs.map(({ tick, enqueued }) => enqueued - tick),
      0.99,
    ),
    recorded: quantile(
      jobs.map(({ tick, done }) => done - tick),
      0.99,
    ),
  };
}
