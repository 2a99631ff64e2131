import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "../jobs/context.ts";
import { type Config, targetsOn } from "../src/model/config.ts";
import { isFact, type Observation } from "../src/model/observation.ts";
import type { Phase } from "../src/model/phase.ts";
import type { ProcessState } from "../src/model/process.ts";
import { isBad, type Status } from "../src/model/status.ts";
import { writeAtomic } from "../src/system/atomic.ts";
import { shownState } from "../src/views/status.ts";

/** One line of `status.json` (contract §7). */
export interface BoardEntry {
  readonly pid: number | null;
  readonly status: Status;
  readonly phase: Phase;
  readonly state: ProcessState | null;
}

/** The newest thing known of each target of this node, kept in `status.json` for times without Redis. */
export interface StatusBoard extends Board {
  status(target: string): Status | undefined;
  /** What is wrong with it, at most 200 characters; undefined while it is not bad. */
  trouble(target: string): string | undefined;
  /** A process is being started, or waits for its needs to be. */
  isStarting(target: string): boolean;
  /** Of how many targets of this node how many are bad by inference alone: nobody saw them die. */
  fleet(): { targets: number; unhealthy: number };
  onChange(listener: (target: string) => void): void;
  /** Writes the file if something changed since it was last written. */
  flush(): void;
}

/** Opens the board of a node. */
export function openBoard(config: Config): StatusBoard {
  const file = join(config.stateDir, "status.json");
  // The blast radius is about those that this node looks at, whoever else does.
  const own = targetsOn(config, config.node).flatMap(({ id, nodes }) => (nodes === "any" ? [] : [id]));
  const entries = new Map<string, BoardEntry>();
  const listeners: ((target: string) => void)[] = [];
  const troubles = new Map<string, string>();
  const seen = newestLooks(own);
  let dirty = true;
  return {
    saw: seen.saw,
    set: (target, observation, { status, phase }) => {
      if (observation !== undefined) seen.saw(observation);
      const known = entries.get(target);
      const pid = observation?.pid ?? null;
      const state = shownState(config.targets.get(target)?.kind ?? "", phase, observation?.state);
      const same =
        known?.pid === pid && known.status === status && known.phase === phase && known.state === state;
      if (!noteTrouble(troubles, target, observation) && same) return;
      entries.set(target, { pid, status, phase, state });
      if (!same) dirty = true;
      for (const listener of listeners) listener(target);
    },
    status: (target) => entries.get(target)?.status,
    trouble: (target) => troubles.get(target),
    // By the newest look, not by the entry: of one batch a file may be decided on before its producer is.
    isStarting: (target) => {
      const phase = entries.get(target)?.phase;
      return seen.isStarting(target) && phase !== "gave-up" && phase !== "stopped";
    },
    fleet: seen.fleet,
    onChange: (listener) => listeners.push(listener),
    flush: () => {
      if (!dirty) return;
      // Written anew within a second of the next start: not worth waiting for the disk.
      const write = () =>
        writeAtomic(file, `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`, { durable: false });
      try {
        write();
      } catch {
        // The old one would say what is no longer true, and its room is all there may be.
        rmSync(file, { force: true });
        write();
      }
      dirty = false;
    },
  };
}

/** What the newest look at each target said; `own` are those that the blast radius counts. */
function newestLooks(own: readonly string[]) {
  const starting = new Set<string>();
  const inferredBad = new Map<string, boolean>(own.map((target) => [target, false]));
  return {
    saw: (observation: Observation) => {
      const { target, status, state } = observation;
      if (state === "starting") starting.add(target);
      else starting.delete(target);
      if (status !== "unknown") inferredBad.set(target, isBad(status) && !isFact(observation));
    },
    isStarting: (target: string) => starting.has(target),
    fleet: () => ({
      targets: inferredBad.size,
      unhealthy: [...inferredBad.values()].filter(Boolean).length,
    }),
  };
}

/** True when what is wrong with the target is another thing than before. */
function noteTrouble(
  troubles: Map<string, string>,
  target: string,
  observation: Observation | undefined,
): boolean {
  if (observation === undefined) return false;
  const said = isBad(observation.status) ? observation.message.slice(0, 200) : undefined;
  if (troubles.get(target) === said) return false;
  if (said === undefined) troubles.delete(target);
  else troubles.set(target, said);
  return true;
}
