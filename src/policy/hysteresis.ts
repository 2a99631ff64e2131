import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";

type FailAfter = Policy["failAfter"];

/** Counts a bad look. */
export function withBadLook(state: TargetState, failAfter: FailAfter): TargetState {
  return { ...state, recent: [...state.recent, true].slice(-failAfter.of), okInRow: 0 };
}

/** Counts an ok look, no further than it matters: a target that stays well has a state that stays as it is. */
export function withOkLook(
  state: TargetState,
  policy: Pick<Policy, "failAfter" | "recoverAfter">,
): TargetState {
  const recent = [...state.recent, false].slice(-policy.failAfter.of);
  return {
    ...state,
    recent: recent.includes(true) ? recent : [],
    okInRow: Math.min(state.okInRow + 1, policy.recoverAfter),
  };
}

/** How many of the looks that count were bad. */
export function badLooks(recent: readonly boolean[]): number {
  return recent.filter(Boolean).length;
}

/** True when the bad looks are enough to be believed. */
export function isHard(recent: readonly boolean[], failAfter: FailAfter): boolean {
  return badLooks(recent.slice(-failAfter.of)) >= failAfter.count;
}
