import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";
import { settled } from "./transition.ts";

/**
 * Brings the times of a state back into reach after the clock was set back.
 *
 * What has happened cannot lie in the future, and nothing lies further ahead than the policy would have put it now. Without
 * this, a clock set back by a year would keep a target given up for a year. Past times that appear in the future become now:
 * that counts an application as younger than it is, so a set-back clock never loosens the budget.
 */
export function withinReach(state: TargetState, policy: Policy, now: number): TargetState {
  const past = (time: number) => Math.min(time, now);
  const ahead = (time: number, most: number) => Math.min(time, now + most);
  const { lastApplication, lastTrouble, gaveUp, notBefore, probationUntil } = state;
  return settled(state, {
    ...state,
    since: past(state.since),
    phaseSince: past(state.phaseSince),
    applications: state.applications.map(past),
    ...(lastApplication !== undefined && { lastApplication: past(lastApplication) }),
    ...(lastTrouble !== undefined && { lastTrouble: past(lastTrouble) }),
    ...(gaveUp && gaveUp.until > now + policy.breaker.cooldown
      ? { gaveUp: { ...gaveUp, until: now + policy.breaker.cooldown } }
      : {}),
    ...(notBefore !== undefined && { notBefore: ahead(notBefore, policy.backoff.max) }),
    ...(probationUntil !== undefined && { probationUntil: ahead(probationUntil, policy.probation) }),
  });
}
