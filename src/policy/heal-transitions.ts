import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";
import { countFailedHeal, giveUp, isHalfOpen } from "./breaker.ts";
import { charge } from "./budget.ts";
import { withinReach } from "./clock-jumps.ts";
import { enter, only, type PolicyTarget, stamped, type Transition, without } from "./transition.ts";
import { atClock } from "./words.ts";

export { mayApply } from "./may-apply.ts";

// What a heal does to the state of its target, one function for each thing that happens to it. The runner of heals writes the
// returned state by compare-and-set. The marks are those that follow from the counting (`breaker.opened`,
// `incident.gave-up`); `heal.started`, `.succeeded`, `.failed` and `.skipped` are the runner's, which knows action, evidence and duration.

/**
 * Right before a remedy is applied: the application is charged, and a half-open try starts its cooldown, so that nobody else tries.
 *
 * @param context.charged false for what a person asked for: it does not spend the budget
 * @param context.halfOpen as `mayApply` said
 */
export function onApplied(
  before: TargetState,
  context: {
    readonly now: number;
    readonly charged: boolean;
    readonly halfOpen: boolean;
    readonly policy: Policy;
  },
): Transition {
  const { now, charged, halfOpen, policy } = context;
  const reached = { ...withinReach(before, policy, now), lastApplication: now };
  const state = without(charged ? charge(reached, policy.budget, now) : reached, "notBefore");
  const { gaveUp } = state;
  const tried =
    halfOpen && gaveUp ? { ...state, gaveUp: { ...gaveUp, until: now + policy.breaker.cooldown } } : state;
  return only(tried.incident ? enter(tried, "healing", "a remedy is being applied", now) : tried);
}

/** The cure is verified: probation begins. Without an incident there is nothing to be resolved, and the phase stays. */
export function onHealSucceeded(
  before: TargetState,
  { now, policy }: { readonly now: number; readonly policy: Policy },
): Transition {
  const reached = without(withinReach(before, policy, now), "notBefore", "lastFailure");
  const state = { ...reached, heals: { ...reached.heals, ok: reached.heals.ok + 1 } };
  if (state.incident === undefined) return only(state);
  return only({
    ...enter(state, "probation", "cured and verified", now),
    probationUntil: now + policy.probation,
    cured: true,
    lastTrouble: now,
  });
}

/**
 * One try of a heal failed and the heal goes on: the back-off grows. The runner waits `nextDelay` of the new level. The last try
 * of a heal is `onHealFailed` instead.
 *
 * @param context.failure why it failed, where the fault itself does not say it
 */
export function onAttemptFailed(
  before: TargetState,
  context: { readonly now: number; readonly policy: Policy; readonly failure?: string | undefined },
): Transition {
  const { now, policy, failure } = context;
  const state = withFailure(withinReach(before, policy, now), failure);
  return only({ ...state, backoffLevel: state.backoffLevel + 1, lastTrouble: now });
}

/** Remembers why the last try failed, for the words with which healq gives up; of a person's try without an incident nothing. */
function withFailure(state: TargetState, failure: string | undefined): TargetState {
  const rest = without(state, "lastFailure");
  return failure === undefined || state.incident === undefined ? rest : { ...rest, lastFailure: failure };
}

/** All tries are spent: a failed heal. Opens the breaker if it was one too many, else the next heal waits. */
export function onHealFailed(
  before: TargetState,
  context: {
    readonly target: PolicyTarget;
    readonly now: number;
    readonly random: () => number;
    /** For a person, e.g. `restart: did not answer within 30s`. */
    readonly reason: string;
    /** As for `onAttemptFailed`. */
    readonly failure?: string | undefined;
  },
): Transition {
  const { target, now, random, reason, failure } = context;
  const known = withFailure(withinReach(before, target.policy, now), failure);
  const failed = countFailedHeal(known, { target, now, random });
  const { incident, gaveUp, notBefore } = failed.state;
  if (incident === undefined || gaveUp !== undefined) return stamped(before, failed);
  const next = notBefore === undefined ? "" : `; tries again at ${atClock(notBefore, now)}`;
  const said = `a heal failed: ${reason}${next}`;
  return stamped(before, { ...failed, state: enter(failed.state, "healing", said, now) });
}

/** The budget was spent before the heal came to its next try: healq gives up for one cooldown. */
export function onBudgetSpent(
  before: TargetState,
  { target, now }: { readonly target: PolicyTarget; readonly now: number },
): Transition {
  const state = withinReach(before, target.policy, now);
  // Someone else gave up meanwhile: the cooldown is theirs.
  if (state.gaveUp && !isHalfOpen(state, now)) return only(state);
  return stamped(before, giveUp(state, { target, now, by: "budget" }));
}
