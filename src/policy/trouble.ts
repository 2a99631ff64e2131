import type { Mark } from "../model/decision.ts";
import { type Finding, worstFinding } from "../model/finding.ts";
import { isFact } from "../model/observation.ts";
import type { TargetState } from "../model/state.ts";
import { countFailedHeal } from "./breaker.ts";
import { type Case, findingsOf, held, type Ruling } from "./case.ts";
import { heldByHysteresis, heldByNeeds } from "./holds.ts";
import { withBadLook } from "./hysteresis.ts";
import { openIncident } from "./incident.ts";
import { mutedBy } from "./muted.ts";
import { ruleOnHeal } from "./rule.ts";
import { andThen, only, type Transition } from "./transition.ts";

/** After a bad look: is it believed, what does it mean for the incident, and may it be healed? */
export function onTrouble(look: Case, before: Transition): Ruling {
  const { target, observation, surroundings, now } = look;
  const counted = andThen(before, (state) => only(withBadLook(state, target.policy.failAfter)));
  const muted = mutedBy(surroundings, now);
  if (muted) return held(counted, { ...muted, verdict: "wait", now });
  const { recent, incident } = counted.state;
  const doubted = incident || isFact(observation) ? undefined : heldByHysteresis(recent, target.policy);
  if (doubted) return held(counted, { ...doubted, phase: "suspect", verdict: "suspect", now });
  // What it needs has an incident of its own, and its own alert: a second one would only say the same.
  const blocked = incident ? undefined : heldByNeeds(surroundings);
  if (blocked) return held(counted, { ...blocked, phase: "blocked", verdict: "wait", now });
  const findings = findingsOf(observation);
  const relapsed = andThen(counted, (state) => relapse(look, state, worstFinding(findings)));
  const open = andThen(relapsed, (state) => openIncident(look, state, findings));
  return ruleOnHeal(look, open, findings);
}

/**
 * Trouble in the probation after a verified cure is a failed heal of the same incident. Recovery without a cure was nobody's
 * success, so trouble after it is nobody's failure; nor is it the cure's failure when something that it needs is bad.
 */
function relapse(look: Case, state: TargetState, worst: Finding | undefined): Transition {
  if (state.phase !== "probation" || !state.cured || worst === undefined) return only(state);
  if (look.surroundings.unmetNeeds.length > 0) return only(state);
  const reason = `trouble again within probation: ${worst.message}`;
  const mark: Mark = { event: "heal.failed", reason, symptom: worst.symptom };
  const { target, now, random } = look;
  return andThen({ state, steps: [], marks: [mark] }, (next) =>
    countFailedHeal({ ...next, lastFailure: worst.message.slice(0, 200) }, { target, now, random }),
  );
}
