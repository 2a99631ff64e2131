import { startHealq } from "../support/healq.ts";
import type { Peer, Temper, Worker } from "./peer.ts";

/** Budget, breaker and blast radius out of the way, and a short probation. */
const eager = {
  defaults: {
    every: "1s",
    probation: "2s",
    budget: { max: 10_000, per: "1m" },
    breaker: { failures: 1_000, cooldown: "1s", reset: "1m" },
  },
  limits: { heals: { max: 1_000_000, per: "1m" } },
};

const settings: Readonly<Record<Temper, object>> = { eager, default: {} };

/** healq, from the built command. */
export const healq: Peer = {
  name: "healq",
  noticesHangs: true,
  missing: () => undefined,
  start: async ({ workers, temper, folder, cleanup }) => {
    const targets = Object.fromEntries(workers.map((worker) => [worker.id, targetOf(worker)]));
    const node = await startHealq(folder, { ...settings[temper], targets }, cleanup);
    const beats = workers[0]?.beatFile !== undefined;
    return {
      config: JSON.stringify({
        ...settings[temper],
        target: { kind: "process", run: "…", ...outputOf(beats ? { beatFile: "…" } : {}) },
      }),
      settled: (id) => {
        const { status, phase } = node.shown(id);
        return status === "ok" && phase === "watching";
      },
      state: (id) => {
        const { phase = "", state = "" } = node.shown(id);
        return [phase, state].filter(Boolean).join(", ");
      },
    };
  },
};

function targetOf(worker: Worker): object {
  return { kind: "process", run: worker.argv, ...outputOf(worker) };
}

/** The grace is over when the bench strikes: in it, a look that is not ok reads `starting`, and is no fault yet. */
function outputOf({ beatFile }: Pick<Worker, "beatFile">): object {
  return beatFile === undefined ? {} : { output: { path: beatFile, maxAge: "2s" }, startGrace: "2s" };
}
