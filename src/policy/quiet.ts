import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";
import { close, isHalfOpen } from "./breaker.ts";
import { withinWindow } from "./budget.ts";
import { andThen, only, type Transition, without } from "./transition.ts";

/** After `breaker.reset` without trouble the back-off and the failed heals are forgotten. */
export function afterQuiet(state: TargetState, policy: Policy, now: number): TargetState {
  const last = Math.max(state.lastTrouble ?? -Infinity, state.applications.at(-1) ?? -Infinity);
  if (state.gaveUp || last === -Infinity || now - last < policy.breaker.reset) return state;
  return {
    ...without(state, "lastTrouble", "notBefore"),
    backoffLevel: 0,
    failedHeals: 0,
    applications: withinWindow(state, policy.budget, now),
  };
}

/**
 * Forgets what a target that is well need not remember. A heal that another target asked for can make healq give up without
 * an incident, which then cannot end it: the cooldown does.
 */
export function whileWell(state: TargetState, policy: Policy, now: number): Transition {
  const parted = isHalfOpen(state, now) ? close(state, "all is well after the cooldown") : only(state);
  return andThen(parted, (next) => only(afterQuiet(next, policy, now)));
}
