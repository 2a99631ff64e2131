import { peerNames, peersNamed } from "./peers/all.ts";
import type { Peer } from "./peers/peer.ts";
import { contest, startContenders } from "./recovery/contest.ts";
import { crashLoops } from "./recovery/loop.ts";
import { type Bars, configsOf, rowsOf } from "./recovery/rows.ts";
import type { WorkerKind } from "./recovery/worker.ts";
import { runBench, withCleanup } from "./support/cleanup.ts";
import { readOptions } from "./support/options.ts";
import { report, type Section } from "./support/report.ts";

// How soon a worker is back that was killed, alone and as one of twenty, that hangs, or that keeps ending: healq, the least that
// can be done (floor), and other supervisors, in the same run.

const options = readOptions({
  trials: 25,
  rounds: 5,
  hangs: 10,
  seconds: 60,
  uptime: 3_000,
  workers: 20,
  peers: peerNames,
});
const { trials, rounds, hangs, seconds, uptime } = options;
const peers = peersNamed(options.peers);
const settled = `Each worker has run for at least ${uptime / 1_000} s before, and healq is through with its probation.`;

/** What differs between the contests. */
interface Contest {
  readonly title: string;
  readonly how: string;
  readonly rounds: number;
  readonly signal: NodeJS.Signals;
  readonly kinds: readonly WorkerKind[];
  /** Those that can take part; others are told why not. */
  readonly why?: (peer: Peer) => string | undefined;
  readonly bars: Bars;
}

function section({ title, how, rounds, signal, kinds, why, bars }: Contest): Promise<Section> {
  return withCleanup(async (cleanup) => {
    const able = peers.filter((peer) => why?.(peer) === undefined);
    const contenders = await startContenders(able, { kinds, temper: "eager", cleanup });
    const times = await contest(contenders, { rounds, uptime, signal, within: 60_000 });
    const config = configsOf(contenders);
    return {
      title,
      how: `${how} ${settled}`,
      config,
      rows: rowsOf(peers, times, { bars, ...(why && { why }) }),
    };
  });
}

const kill: Contest = {
  title: "SIGKILL until the new instance has written its pid, ms",
  how: `${trials} trials, in turns.`,
  rounds: trials,
  signal: "SIGKILL",
  kinds: [{}],
  bars: ({ median, p95 }, of) => [
    { what: "median, floor + 25", value: median, atMost: (of("floor")?.median ?? Number.NaN) + 25 },
    { what: "p95", value: p95, atMost: 100 },
    { what: "median, pm2", value: median, atMost: of("pm2")?.median ?? Number.NaN },
  ],
};

const burst: Contest = {
  title: `SIGKILL of ${options.workers} workers at once until all are back, ms`,
  how: `${rounds} rounds, in turns.`,
  rounds,
  signal: "SIGKILL",
  kinds: Array.from({ length: options.workers }, () => ({})),
  bars: ({ median }, of) => [
    { what: "median, 1.5 × floor", value: median, atMost: 1.5 * (of("floor")?.median ?? Number.NaN) },
  ],
};

const hang = {
  rounds: hangs,
  kinds: [{ beats: true }],
  why: ({ noticesHangs }: Peer) => (noticesHangs ? undefined : "n/a: does not look at what a worker writes"),
  bars: ({ max }: { max: number }) => [{ what: "each", value: max, atMost: 4_000 }],
} as const satisfies Partial<Contest>;

const stopped: Contest = {
  ...hang,
  title: "SIGSTOP until a new instance has written its pid, ms",
  how: `A worker that is stopped. ${hangs} trials, in turns.`,
  signal: "SIGSTOP",
};

const silent: Contest = {
  ...hang,
  title:
    "A worker that runs and does not write its file any more, until a new instance has written its pid, ms",
  how: `${hangs} trials, in turns.`,
  signal: "SIGUSR2",
};

await runBench(async () => {
  const sections: Section[] = [];
  for (const each of [kill, burst, stopped, silent]) if (each.rounds > 0) sections.push(await section(each));
  if (seconds > 0) sections.push(await withCleanup((cleanup) => crashLoops(peers, seconds, cleanup)));
  report("recovery", options, sections);
});
