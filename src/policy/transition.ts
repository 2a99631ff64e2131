import type { Mark, Step } from "../model/decision.ts";
import type { Phase } from "../model/phase.ts";
import type { TargetState } from "../model/state.ts";
import type { Target } from "../model/target.ts";

/** As much of a target as policy goes by. */
export type PolicyTarget = Pick<Target, "id" | "policy" | "ladders" | "critical">;

/** A new state, what there is to do about it, and what the audit is to say. */
export interface Transition {
  readonly state: TargetState;
  readonly steps: readonly Step[];
  readonly marks: readonly Mark[];
}

/** The keys of a state that may be absent. */
type Optional = {
  [Key in keyof TargetState]-?: undefined extends TargetState[Key] ? Key : never;
}[keyof TargetState];

/** A transition that only changes the state. */
export function only(state: TargetState): Transition {
  return { state, steps: [], marks: [] };
}

/** One transition after the other: the second sees the state of the first. (Not `then`: a module that exports one is taken for a promise.) */
export function andThen(first: Transition, next: (state: TargetState) => Transition): Transition {
  const second = next(first.state);
  return {
    state: second.state,
    steps: [...first.steps, ...second.steps],
    marks: [...first.marks, ...second.marks],
  };
}

/** The state without some of its optional fields. */
export function without(state: TargetState, ...keys: readonly Optional[]): TargetState {
  const copy: { -readonly [Key in keyof TargetState]: TargetState[Key] } = { ...state };
  for (const key of keys) delete copy[key];
  return copy;
}

/** Goes into a phase, or stays in it with a new reason. What belongs to probation is left behind with it. */
export function enter(state: TargetState, phase: Phase, reason: string, now: number): TargetState {
  const kept = phase === "probation" ? state : without(state, "probationUntil", "cured");
  return { ...kept, phase, reason, phaseSince: state.phase === phase ? state.phaseSince : now };
}

/** Writes the incident into the marks that do not name it: the one that is open, or the one that has just ended. */
export function stamped(before: TargetState, change: Transition): Transition {
  const incident = (change.state.incident ?? before.incident)?.id;
  if (incident === undefined || change.marks.length === 0) return change;
  return { ...change, marks: change.marks.map((mark) => ({ incident, ...mark })) };
}

/** The state before if the one after says the same, so that an unchanged state is the very same object. */
export function settled(before: TargetState, after: TargetState): TargetState {
  // Both are TargetStates, whose keys are all known; Object.keys only says `string`.
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof TargetState>;
  return [...keys].every((key) => same(before[key], after[key])) ? before : after;
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  return one.length === other.length && one.every((item, index) => Object.is(item, other[index]));
}
