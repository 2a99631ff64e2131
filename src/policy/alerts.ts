import type { Step } from "../model/decision.ts";
import type { TargetState } from "../model/state.ts";
import type { Severity } from "../model/status.ts";
import { only, type PolicyTarget, type Transition } from "./transition.ts";

/** How loudly to call: `critical` for a critical fault, and for any fault of a target that is marked so. */
export function loudness(target: Pick<PolicyTarget, "critical">, worst: Severity): Severity {
  return target.critical ? "critical" : worst;
}

/** Sends an alert about the open incident, unless one of the same name was sent for it; without an incident nothing is sent. */
export function alertOnce(
  state: TargetState,
  alert: Omit<Extract<Step, { type: "alert" }>, "type">,
): Transition {
  const next = noteOnce(state, alert.event);
  return next === undefined ? only(state) : { state: next, steps: [{ type: "alert", ...alert }], marks: [] };
}

/** Remembers that something was said about the open incident; undefined when it was said before, or there is none. */
export function noteOnce(state: TargetState, event: string): TargetState | undefined {
  const { incident } = state;
  if (incident === undefined || incident.alerted.includes(event)) return undefined;
  return { ...state, incident: { ...incident, alerted: [...incident.alerted, event] } };
}
