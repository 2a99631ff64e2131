import { nextDelay } from "../lib/backoff.ts";
import type { Mark } from "../model/decision.ts";
import type { Policy } from "../model/policy.ts";
import type { GaveUp, TargetState } from "../model/state.ts";
import { alertOnce, loudness } from "./alerts.ts";
import { describeBudget } from "./budget.ts";
import { andThen, enter, only, type PolicyTarget, type Transition, without } from "./transition.ts";
import { atClock, counted } from "./words.ts";

// The breaker counts failed heals in a row. It opens at `failures`; after `cooldown` it is half-open: one heal with one
// application. It closes when the incident is resolved. A spent budget ends in the same phase and is left in the same way.

/** True when healq gave up and the cooldown is over: one heal with one application may be tried. */
export function isHalfOpen(state: TargetState, now: number): boolean {
  return state.gaveUp !== undefined && now >= state.gaveUp.until;
}

/** Why healq gave up and when it tries again, for a person. */
export function describeGaveUp(state: TargetState, gaveUp: GaveUp, policy: Policy, now: number): string {
  const cause =
    gaveUp.by === "budget" ? describeBudget(policy.budget) : counted(state.failedHeals, "failed heal");
  const last = state.lastFailure === undefined ? "" : `; the last try failed: ${state.lastFailure}`;
  return `gave up: ${cause}; tries once more at ${atClock(gaveUp.until, now)}${last}`;
}

/** Gives up for one cooldown. The incident is marked and people are called once; giving up again within it is quiet. */
export function giveUp(
  state: TargetState,
  context: { readonly target: PolicyTarget; readonly now: number; readonly by: GaveUp["by"] },
): Transition {
  const gaveUp: GaveUp = { by: context.by, until: context.now + context.target.policy.breaker.cooldown };
  return announceGaveUp({ ...without(state, "notBefore"), gaveUp }, { ...context, gaveUp });
}

/** Goes into phase `gave-up`, with the mark and the alert that this incident has not had yet. */
export function announceGaveUp(
  state: TargetState,
  context: { readonly target: PolicyTarget; readonly now: number; readonly gaveUp: GaveUp },
): Transition {
  const { target, now, gaveUp } = context;
  if (state.incident === undefined) return only(state);
  const reason = describeGaveUp(state, gaveUp, target.policy, now);
  const severity = loudness(target, state.status === "warning" ? "warning" : "critical");
  const said = alertOnce(enter(state, "gave-up", reason, now), {
    event: "incident.gave-up",
    severity,
    message: reason,
  });
  const mark: Mark = { event: "incident.gave-up", reason, symptom: state.incident.symptom };
  return { ...said, marks: said.steps.length > 0 ? [mark] : [] };
}

/**
 * Counts one failed heal: one more for the breaker, a longer back-off. Opens the breaker when there were enough of them, and
 * gives up again at once when the failed heal was the one try of a half-open breaker or budget.
 */
export function countFailedHeal(
  state: TargetState,
  context: { readonly target: PolicyTarget; readonly now: number; readonly random: () => number },
): Transition {
  const { target, now, random } = context;
  const { policy } = target;
  const counting: TargetState = {
    ...state,
    heals: { ...state.heals, failed: state.heals.failed + 1 },
    failedHeals: state.failedHeals + 1,
    backoffLevel: state.backoffLevel + 1,
    lastTrouble: now,
  };
  if (counting.failedHeals >= policy.breaker.failures) return open(counting, context);
  if (state.gaveUp) return giveUp(counting, { target, now, by: state.gaveUp.by });
  return only({ ...counting, notBefore: now + nextDelay(policy.backoff, counting.backoffLevel, random) });
}

function open(
  state: TargetState,
  context: { readonly target: PolicyTarget; readonly now: number },
): Transition {
  const already = state.gaveUp?.by === "breaker";
  const reason = `${counted(state.failedHeals, "failed heal")} in a row`;
  const marks: readonly Mark[] = already ? [] : [{ event: "breaker.opened", reason }];
  return andThen({ state, steps: [], marks }, (next) => giveUp(next, { ...context, by: "breaker" }));
}

/** Forgets that healq gave up; a breaker that was open is closed. */
export function close(state: TargetState, reason: string): Transition {
  const marks: readonly Mark[] = state.gaveUp?.by === "breaker" ? [{ event: "breaker.closed", reason }] : [];
  return { state: { ...without(state, "gaveUp", "notBefore"), failedHeals: 0 }, steps: [], marks };
}
