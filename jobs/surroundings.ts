import type { Clock } from "../src/lib/clock.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import { isFact, type Observation } from "../src/model/observation.ts";
import type { TargetState } from "../src/model/state.ts";
import { isBad, meetsNeed } from "../src/model/status.ts";
import type { Surroundings } from "../src/model/surroundings.ts";
import type { Target } from "../src/model/target.ts";

/** How the world around a target is asked about. */
export interface Sources {
  readonly config: Config;
  readonly clock: Clock;
  /** The newest state of any target, wherever it is. */
  stateOf(id: string): Promise<TargetState | undefined>;
  pauses(): Promise<readonly Pause[]>;
  stopped(id: string): boolean;
  healInFlight(target: Target): Promise<boolean>;
  fleet(): Promise<{ targets: number; unhealthy: number }>;
}

const quietFleet = { targets: 0, unhealthy: 0 };

/** Gathers what `decide` must know. A target that is well and watched needs nothing of it, so nothing is asked. */
export async function gatherSurroundings(
  sources: Sources,
  target: Target,
  observation: Observation,
  state: TargetState | undefined,
): Promise<Surroundings> {
  const { maxUnhealthy } = sources.config.limits;
  const troubled = observation.status !== "ok" || (state !== undefined && state.phase !== "watching");
  if (!troubled) {
    return { unmetNeeds: [], stopped: false, healInFlight: false, fleet: quietFleet, maxUnhealthy };
  }
  const inferred = isBad(observation.status) && !isFact(observation);
  const [unmetNeeds, pauses, healInFlight, fleet] = await Promise.all([
    unmet(sources, target),
    sources.pauses(),
    sources.healInFlight(target),
    inferred ? sources.fleet() : quietFleet,
  ]);
  const pause = pauseOf(pauses, target.id, sources.clock.now());
  return {
    unmetNeeds,
    stopped: sources.stopped(target.id),
    healInFlight,
    fleet,
    maxUnhealthy,
    ...(pause === undefined ? {} : { paused: pause }),
  };
}

/** The pause that holds for a target: the kill switch before a silence. */
export function pauseOf(
  pauses: readonly Pause[],
  target: string,
  now: number,
): Surroundings["paused"] | undefined {
  const on = pauses.filter((pause) => pause.until === undefined || pause.until > now);
  const pause = on.find((each) => each.target === undefined) ?? on.find((each) => each.target === target);
  if (pause === undefined) return undefined;
  return {
    scope: pause.target === undefined ? "everything" : "target",
    reason: `${pause.by}: ${pause.reason}`,
    ...(pause.until === undefined ? {} : { until: pause.until }),
  };
}

/** The needs that are not met, with why. */
async function unmet({ config, stateOf, stopped }: Sources, target: Target): Promise<string[]> {
  const why = await Promise.all(
    target.needs.map(async (need) => {
      const state = await stateOf(need);
      if (stopped(need) || state?.phase === "stopped") return `${need} was stopped by a person`;
      if (meetsNeed(state?.status)) return undefined;
      const named = config.targets.has(need) ? need : `${need} (not in this config)`;
      return state === undefined ? `${named} has not been looked at yet` : `${named} is ${state.status}`;
    }),
  );
  return why.filter((each) => each !== undefined);
}
