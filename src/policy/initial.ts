import type { TargetState } from "../model/state.ts";

/** The state of a target that was never looked at. */
export function initialState(now: number): TargetState {
  return {
    status: "unknown",
    since: now,
    symptoms: [],
    phase: "watching",
    phaseSince: now,
    reason: "not looked at yet",
    recent: [],
    okInRow: 0,
    unseen: true,
    applications: [],
    failedHeals: 0,
    backoffLevel: 0,
    heals: { ok: 0, failed: 0 },
  };
}
