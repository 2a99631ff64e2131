import type { Decision, Step } from "../model/decision.ts";
import type { Finding } from "../model/finding.ts";
import type { Observation } from "../model/observation.ts";
import type { Phase } from "../model/phase.ts";
import type { TargetState } from "../model/state.ts";
import type { Surroundings } from "../model/surroundings.ts";
import type { Hold } from "./muted.ts";
import { enter, type PolicyTarget, type Transition } from "./transition.ts";

/** All that a decision is made from. */
export interface Case {
  readonly target: PolicyTarget;
  /** What was remembered before this look. */
  readonly state: TargetState;
  /** Not older than the one decided on before, nor than the last application: the caller drops those (`isOvertaken`). */
  readonly observation: Observation;
  readonly surroundings: Surroundings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Gives a number from 0 to 1: the jitter of the back-off. */
  readonly random: () => number;
  /** Names an incident that is opened. */
  readonly newId: () => string;
}

/** A transition together with what it means, before the audit marks are stamped. */
export interface Ruling extends Transition {
  readonly verdict: Decision["verdict"];
  readonly reason: string;
}

/** Rules that nothing is healed now: the phase that this means, a step that waits, and the reason. */
export function held(
  change: Transition,
  hold: Hold & { readonly phase: Phase; readonly verdict: Decision["verdict"]; readonly now: number },
): Ruling {
  const { by, until, reason, verdict } = hold;
  const wait: Step = { type: "wait", by, ...(until !== undefined && { until }) };
  const state = enter(change.state, hold.phase, reason, hold.now);
  return { state, steps: [...change.steps, wait], marks: change.marks, verdict, reason };
}

/** The findings of a bad look; one made of the status when a check gave none. */
export function findingsOf(observation: Observation): readonly Finding[] {
  if (observation.findings.length > 0) return observation.findings;
  const severity = observation.status === "warning" ? "warning" : "critical";
  const symptom = `${observation.kind}.${severity}`;
  return [{ symptom, severity, fact: false, message: observation.message, evidence: {} }];
}
