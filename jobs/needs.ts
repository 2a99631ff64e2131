import { worstFinding } from "../src/model/finding.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { Observation } from "../src/model/observation.ts";
import { meetsNeed } from "../src/model/status.ts";
import { curable, ladderFor, type Rung, rungsOf, type Target } from "../src/model/target.ts";
import { namedNeeds } from "../src/policy/words.ts";
import { remedyOf } from "../src/remedies/registry.ts";
import { pauseOf } from "./pause-of.ts";
import type { Sources } from "./sources.ts";

/** The needs that are not met, with why. */
export async function unmetNeeds(
  { config, stateOf, stopped, troubleOf }: Sources,
  target: Target,
): Promise<string[]> {
  const why = await Promise.all(
    target.needs.map(async (need) => {
      const state = await stateOf(need);
      if (stopped(need) || state?.phase === "stopped") return `${need} was stopped by a person`;
      if (meetsNeed(state?.status)) return undefined;
      const named = config.targets.has(need) ? need : `${need} (not in this config)`;
      if (state === undefined) return `${named} has not been looked at yet`;
      if (state.status === "unknown") return `${named} is not known to be well yet`;
      const trouble = troubleOf?.(need);
      return `${named} is ${state.status}${trouble === undefined ? "" : ` (${trouble})`}`;
    }),
  );
  return why.filter((each) => each !== undefined);
}

/**
 * A cure that consists of a heal of another target (a file's producer) needs that one: while a person keeps it stopped or silenced, while it
 * is being started anyway, or while its own input is bad, there is nothing to be done here. Known beforehand, so that no application is
 * spent on it.
 */
export async function withheldCure(
  sources: Sources,
  { target, observation, pauses }: { target: Target; observation: Observation; pauses: readonly Pause[] },
): Promise<string[]> {
  const fault = worstFinding(curable(target, observation.findings));
  if (fault === undefined) return [];
  return withheldBy(sources, {
    target,
    ladder: ladderFor(target, fault.symptom),
    pauses,
  });
}

interface Cure {
  readonly target: Target;
  readonly ladder: readonly Rung[];
  readonly pauses: readonly Pause[];
}

/** Why none of the rungs could do anything now; nothing when one could. */
async function withheldBy(sources: Sources, { target, ladder, pauses }: Cure): Promise<string[]> {
  const why = await Promise.all(
    ladder.map(async ({ remedy, params }) => {
      const other = remedyOf(remedy)?.asks?.(target, params);
      // What the target itself needs is said there.
      if (other === undefined || target.needs.includes(other)) return undefined;
      return heldUp(sources, other, pauses);
    }),
  );
  const reasons = why.filter((each) => each !== undefined);
  // A ladder with another way out goes on.
  return reasons.length === ladder.length ? [...new Set(reasons)] : [];
}

/** Why a heal of this target would do nothing now. */
async function heldUp(sources: Sources, id: string, pauses: readonly Pause[]): Promise<string | undefined> {
  const { config, stopped, clock } = sources;
  if (stopped(id)) return `${id} was stopped by a person`;
  const paused = pauseOf(pauses, id, clock.now());
  if (paused !== undefined) return `${id} is silenced by ${paused.reason}`;
  if (sources.isStarting?.(id) === true) return `${id} is being started`;
  const target = config.targets.get(id);
  if (target === undefined) return undefined;
  const ladder = rungsOf(target);
  // The config refuses targets that are healed by each other, so this ends.
  const withheld = ladder.length === 0 ? [] : await withheldBy(sources, { target, ladder, pauses });
  const unmet = [...(await unmetNeeds(sources, target)), ...withheld];
  return unmet.length === 0 ? undefined : `${id} needs ${namedNeeds(unmet)}`;
}
