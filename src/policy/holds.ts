import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";
import type { Surroundings } from "../model/surroundings.ts";
import { describeGaveUp, isHalfOpen } from "./breaker.ts";
import { describeBudget, freeAt, isSpent } from "./budget.ts";
import { badLooks, isHard } from "./hysteresis.ts";
import type { Hold } from "./muted.ts";
import { atClock, counted, namedNeeds } from "./words.ts";

// What may keep a heal from being done, each on its own: asked by `decide` after a look and again by the heal itself right
// before an application. Each gives its reason, or undefined when it has nothing against the heal.

/** Below so many targets the share of unhealthy ones says nothing about the observer. */
const smallestFleet = 5;

/** Something it needs is bad, or stopped by a person. */
export function heldByNeeds({ unmetNeeds }: Surroundings): Hold | undefined {
  if (unmetNeeds.length === 0) return undefined;
  return { by: "inhibition", reason: `not healed: needs ${namedNeeds(unmetNeeds)}` };
}

/** Bad, but not for long enough to be believed. */
export function heldByHysteresis(
  recent: readonly boolean[],
  { failAfter }: Pick<Policy, "failAfter">,
): Hold | undefined {
  if (isHard(recent, failAfter)) return undefined;
  const of = failAfter.of === failAfter.count ? "in a row" : `of the last ${failAfter.of}`;
  const wanted = `${counted(failAfter.count, "bad look")} ${of} are believed`;
  return { by: "hysteresis", reason: `not healed yet: ${wanted}, so far ${badLooks(recent)}` };
}

/** Given up, and the cooldown is not over. */
export function heldByGivingUp(state: TargetState, policy: Policy, now: number): Hold | undefined {
  const { gaveUp } = state;
  if (gaveUp === undefined || isHalfOpen(state, now)) return undefined;
  return { by: gaveUp.by, reason: describeGaveUp(state, gaveUp, policy, now), until: gaveUp.until };
}

/** The budget is spent; the one try of a half-open breaker is beyond it. */
export function heldByBudget(state: TargetState, policy: Policy, now: number): Hold | undefined {
  if (isHalfOpen(state, now) || !isSpent(state, policy.budget, now)) return undefined;
  const until = freeAt(state, policy.budget, now);
  const reason = `not healed: the budget of ${describeBudget(policy.budget)} is spent until ${atClock(until, now)}`;
  return { by: "budget", reason, until };
}

/**
 * Most of the node looks sick: then the observer is the likelier patient, and what was only inferred is not acted on.
 * Source: `maxUnhealthy` of the Kubernetes Cluster API's MachineHealthCheck.
 */
export function heldByBlastRadius(
  { fleet, maxUnhealthy }: Surroundings,
  fault: { readonly fact: boolean },
): Hold | undefined {
  if (fault.fact || fleet.targets < smallestFleet) return undefined;
  if (fleet.unhealthy / fleet.targets <= maxUnhealthy) return undefined;
  const share = `${fleet.unhealthy} of ${fleet.targets} targets are bad, more than ${Math.round(maxUnhealthy * 100)}%`;
  return {
    by: "blast-radius",
    reason: `not healed: ${share}, and the fault is inferred; check the node itself`,
  };
}
