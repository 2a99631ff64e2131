import { nextDelay } from "../lib/backoff.ts";
import type { Mark } from "../model/decision.ts";
import { type Finding, worstFinding } from "../model/finding.ts";
import type { TargetState } from "../model/state.ts";
import { alertOnce, loudness } from "./alerts.ts";
import type { Case } from "./case.ts";
import { afterQuiet } from "./quiet.ts";
import { andThen, only, type Transition } from "./transition.ts";

/** Opens an incident if none is open: a mark, and one alert. */
export function openIncident(look: Case, state: TargetState, findings: readonly Finding[]): Transition {
  const worst = worstFinding(findings);
  if (state.incident !== undefined || worst === undefined) return only(state);
  const reason = worst.message;
  const mark: Mark = {
    event: "incident.opened",
    reason,
    symptom: worst.symptom,
    details: { severity: worst.severity },
  };
  const opened: Transition = { state: withIncident(look, state, worst.symptom), steps: [], marks: [mark] };
  const severity = loudness(look.target, worst.severity);
  return andThen(opened, (next) => alertOnce(next, { event: "incident.opened", severity, message: reason }));
}

/** The first cure comes at once; but a target that failed not long ago still waits as long as it had come to. */
function withIncident(look: Case, state: TargetState, symptom: string): TargetState {
  const { policy } = look.target;
  const rested = afterQuiet(state, policy, look.now);
  const wait = nextDelay(policy.backoff, rested.backoffLevel, look.random);
  return {
    ...rested,
    incident: { id: look.newId(), openedAt: look.now, symptom, alerted: [] },
    lastTrouble: look.now,
    ...(wait > 0 && { notBefore: look.now + wait }),
  };
}
