import type { TargetState } from "../model/state.ts";
import { parseState } from "./state-schema.ts";

/**
 * A state as it lies in Redis: its text is its revision. The change id makes every text unique, so compare-and-set can
 * compare texts.
 */
export interface Versioned {
  /** Names the change that made it. */
  readonly change: string;
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
  return { change, raw: JSON.stringify({ v: 1, change, state }), state };
}

/** Reads a sealed state. Written by `seal` alone; who forges one can only make policy act on declared targets (contract §4). */
export function unseal(raw: string): Read {
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed !== "object" || parsed === null || !("state" in parsed)) return { raw };
    const state = parseState(parsed.state);
    return state === undefined ? { raw } : { raw, state };
  } catch {
    return { raw };
  }
}
