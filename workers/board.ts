import { join } from "node:path";
import type { Board } from "../jobs/context.ts";
import { isFact, type Observation } from "../src/model/observation.ts";
import type { Phase } from "../src/model/phase.ts";
import type { ProcessState } from "../src/model/process.ts";
import { isBad, type Status } from "../src/model/status.ts";
import { writeAtomic } from "../src/system/atomic.ts";

/** One line of `status.json` (contract §7). */
export interface BoardEntry {
  readonly pid: number | null;
  readonly status: Status;
  readonly phase: Phase;
  readonly state: ProcessState | null;
}

/** The newest thing known of each target of this process, kept in `status.json` for times without Redis. */
export interface StatusBoard extends Board {
  status(target: string): Status | undefined;
  /** Of how many targets of this node how many are bad by inference alone: nobody saw them die. */
  fleet(): { targets: number; unhealthy: number };
  onChange(listener: (target: string) => void): void;
  /** Writes the file if something changed since it was last written. */
  flush(): void;
}

/** Opens the board; `shown` gives the process state that persons see. */
export function openBoard(options: {
  stateDir: string;
  /** Those that this node looks at, whoever else does. */
  targets: readonly string[];
  shown: (target: string, phase: Phase, seen: ProcessState | undefined) => ProcessState | null;
}): StatusBoard {
  const file = join(options.stateDir, "status.json");
  const entries = new Map<string, BoardEntry>();
  const listeners: ((target: string) => void)[] = [];
  const inferredBad = new Map<string, boolean>(options.targets.map((target) => [target, false]));
  let dirty = true;
  const saw = (observation: Observation) => {
    if (observation.status === "unknown") return;
    inferredBad.set(observation.target, isBad(observation.status) && !isFact(observation));
  };
  return {
    saw,
    set: (target, observation, { status, phase }) => {
      if (observation !== undefined) saw(observation);
      const known = entries.get(target);
      const pid = observation?.pid ?? null;
      const state = options.shown(target, phase, observation?.state);
      if (known?.pid === pid && known.status === status && known.phase === phase && known.state === state)
        return;
      entries.set(target, { pid, status, phase, state });
      dirty = true;
      for (const listener of listeners) listener(target);
    },
    status: (target) => entries.get(target)?.status,
    fleet: () => ({
      targets: inferredBad.size,
      unhealthy: [...inferredBad.values()].filter(Boolean).length,
    }),
    onChange: (listener) => listeners.push(listener),
    flush: () => {
      if (!dirty) return;
      dirty = false;
      // Written anew within a second of the next start: not worth waiting for the disk.
      writeAtomic(file, `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`, { durable: false });
    },
  };
}
