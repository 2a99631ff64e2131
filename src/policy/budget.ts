import { formatDuration } from "../lib/duration.ts";
import type { Policy } from "../model/policy.ts";
import type { TargetState } from "../model/state.ts";
import { counted } from "./words.ts";

type Budget = Policy["budget"];

/** The automatic applications that are younger than the window. */
export function withinWindow(state: TargetState, budget: Budget, now: number): number[] {
  return state.applications.filter((at) => now - at < budget.per);
}

/** True when one more automatic application now would be more than the budget allows. */
export function isSpent(state: TargetState, budget: Budget, now: number): boolean {
  return withinWindow(state, budget, now).length >= budget.max;
}

/** When the next application will be within the budget again, in milliseconds since the epoch. */
export function freeAt(state: TargetState, budget: Budget, now: number): number {
  const [oldest] = withinWindow(state, budget, now).slice(-budget.max);
  return (oldest ?? now) + budget.per;
}

/**
 * Charges one application. The newest `max` are kept, not those within the window: after a clock that ran ahead and was set
 * back, the ones that looked old for a moment still count.
 */
export function charge(state: TargetState, budget: Budget, now: number): TargetState {
  return { ...state, applications: [...state.applications, now].slice(-Math.max(1, budget.max)) };
}

/** `5 applications within 5m`. */
export function describeBudget(budget: Budget): string {
  return `${counted(budget.max, "application")} within ${formatDuration(budget.per)}`;
}
