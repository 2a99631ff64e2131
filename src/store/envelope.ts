import type { TargetState } from "../model/state.ts";

/**
 * A state as it lies in Redis: its text is its revision. The change id makes every text unique, so compare-and-set can
 * compare texts, and a change that is sent twice after a lost answer is known as already made.
 */
export interface Versioned {
  readonly raw: string;
  readonly state: TargetState;
}

/** What was read: garbage has a text but no state, so that it can be replaced by compare-and-set. */
export interface Read {
  readonly raw: string;
  readonly state?: TargetState;
}

/** Writes a state down under a new change id. */
export function seal(state: TargetState, change: string): Versioned {
  return { raw: JSON.stringify({ v: 1, change, state }), state };
}

/** Reads a sealed state. Written by `seal` alone; who forges one can only make policy act on declared targets (contract §4). */
export function unseal(raw: string): Read {
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed !== "object" || parsed === null || !("state" in parsed)) return { raw };
    const { state } = parsed;
    return isState(state) ? { raw, state } : { raw };
  } catch {
    return { raw };
  }
}

function isState(value: unknown): value is TargetState {
  if (typeof value !== "object" || value === null) return false;
  const state = value as Partial<Record<keyof TargetState, unknown>>; // a view for the checks below only
  return (
    typeof state.status === "string" &&
    typeof state.since === "number" &&
    typeof state.phase === "string" &&
    typeof state.failedHeals === "number" &&
    typeof state.backoffLevel === "number" &&
    Array.isArray(state.symptoms) &&
    Array.isArray(state.recent) &&
    Array.isArray(state.applications) &&
    typeof state.heals === "object" &&
    state.heals !== null
  );
}
