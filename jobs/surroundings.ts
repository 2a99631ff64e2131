import { isFact, type Observation } from "../src/model/observation.ts";
import type { TargetState } from "../src/model/state.ts";
import { isBad } from "../src/model/status.ts";
import type { Surroundings } from "../src/model/surroundings.ts";
import type { Target } from "../src/model/target.ts";
import { unmetNeeds, withheldCure } from "./needs.ts";
import { pauseOf } from "./pause-of.ts";
import type { Sources } from "./sources.ts";

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
  const pausing = sources.pauses();
  const [needs, pauses, healInFlight, fleet] = await Promise.all([
    unmetNeeds(sources, target).then(async (unmet) => [
      ...unmet,
      ...(await withheldCure(sources, { target, observation, pauses: await pausing })),
    ]),
    pausing,
    sources.healInFlight(target),
    inferred ? sources.fleet() : quietFleet,
  ]);
  const pause = pauseOf(pauses, target.id, sources.clock.now());
  const fullUntil = sources.fullUntil?.();
  return {
    unmetNeeds: needs,
    stopped: sources.stopped(target.id),
    healInFlight,
    fleet,
    maxUnhealthy,
    ...(fullUntil === undefined ? {} : { fullUntil }),
    ...(pause === undefined ? {} : { paused: pause }),
  };
}
