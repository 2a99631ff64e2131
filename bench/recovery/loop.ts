import type { Peer } from "../peers/peer.ts";
import type { Cleanup } from "../support/cleanup.ts";
import type { Section } from "../support/report.ts";
import type { Row } from "../support/table.ts";
import { pause } from "../support/wait.ts";
import { startContenders } from "./contest.ts";
import { configsOf } from "./rows.ts";
import { startsOf } from "./worker.ts";

/** Below and above the second that pm2 and supervisord take for a good start. */
const lives = [200, 2_000];

/** Workers that end again and again: how often each peer starts them, and whether it ever gives up. */
export async function crashLoops(
  peers: readonly Peer[],
  seconds: number,
  cleanup: Cleanup,
): Promise<Section> {
  const kinds = lives.map((live) => ({ live }));
  const contenders = await startContenders(peers, { kinds, temper: "default", cleanup });
  await pause(seconds * 1_000);
  const rows = contenders.flatMap(({ peer, workers, supervision }) =>
    workers.map((worker, i): Row => {
      const [first = 0n, ...later] = startsOf(worker);
      // A peer that was there sooner has had more time; only as much as all had counts.
      const restarts = later.map((at) => Number(at - first) / 1e9).filter((at) => at <= seconds);
      return {
        "supervisor, worker": `${peer.name}, ends after ${(lives[i] ?? 0) / 1_000} s`,
        restarts: restarts.length,
        "last restart, s": restarts.at(-1) ?? "—",
        "what it says at the end": supervision.state(worker.id),
      };
    }),
  );
  const missing = peers.flatMap((peer): Row[] => {
    const why = peer.missing();
    return why === undefined ? [] : [{ "supervisor, worker": peer.name, "what it says at the end": why }];
  });
  return {
    title: "A worker that keeps ending",
    how: `Default settings of each, ${seconds} s, workers that end with code 1 soon after each start; all at once. \`last restart\` counts from the first start.`,
    config: configsOf(contenders),
    rows: [...rows, ...missing],
  };
}
