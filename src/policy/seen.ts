import type { Mark } from "../model/decision.ts";
import { worstFinding } from "../model/finding.ts";
import { symptomsOf } from "../model/observation.ts";
import type { TargetState } from "../model/state.ts";
import type { Case } from "./case.ts";
import { type Transition, without } from "./transition.ts";

/** Takes down what a look saw: status, symptoms, since when; and the mark when that differs from the look before. */
export function seen({ state, observation, now }: Case): Transition {
  const { status } = observation;
  // A look that could not tell says nothing about the symptoms.
  const symptoms = status === "unknown" ? state.symptoms : symptomsOf(observation);
  const differs = status !== state.status || symptoms.join() !== state.symptoms.join();
  const next: TargetState = {
    ...without(state, "unseen"),
    status,
    symptoms,
    since: status === state.status && !state.unseen ? state.since : Math.min(observation.at, now),
  };
  const quiet = !differs || (state.unseen && status === "ok");
  return { state: next, steps: [], marks: quiet ? [] : [change(state, next, observation)] };
}

function change(from: TargetState, to: TargetState, observation: Case["observation"]): Mark {
  const symptom = worstFinding(observation.findings)?.symptom;
  return {
    event: "check.changed",
    reason: observation.message || `is ${to.status}`,
    ...(symptom !== undefined && { symptom }),
    details: { from: from.status, to: to.status, symptoms: to.symptoms },
  };
}
