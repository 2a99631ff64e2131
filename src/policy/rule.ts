import { type Finding, worstFinding } from "../model/finding.ts";
import { applicationsOf, curable, ladderFor } from "../model/target.ts";
import { alertOnce, noteOnce } from "./alerts.ts";
import { announceGaveUp, giveUp, isHalfOpen } from "./breaker.ts";
import { type Case, held, type Ruling } from "./case.ts";
import { heldByBlastRadius, heldByBudget, heldByGivingUp, heldByNeeds } from "./holds.ts";
import { andThen, enter, type Transition } from "./transition.ts";
import { atClock, counted } from "./words.ts";

/** A heal that wants to be done. */
interface Wanted {
  readonly look: Case;
  readonly change: Transition;
  readonly fault: Finding;
}

/** Rules on the heal, or has nothing to say. */
type Guard = (wanted: Wanted) => Ruling | undefined;

/**
 * What may keep a heal from being done, in this order; the first that has something to say rules. A heal under way comes before
 * the budget: it may have taken the last application and is about to verify it.
 */
const guards: readonly Guard[] = [needs, givenUp, inFlight, budget, blastRadius, backoff, dryRun, room];

/** A believed fault in an open incident: heals it, or says why not. */
export function ruleOnHeal(look: Case, change: Transition, findings: readonly Finding[]): Ruling {
  const { target, now } = look;
  if (target.policy.mode === "observe") {
    const reason = "not healed: the mode is observe";
    return held(change, { by: "mode", reason, phase: "suspect", verdict: "wait", now });
  }
  const fault = worstFinding(curable(target, findings));
  if (fault === undefined) return withoutRemedy(look, change, findings);
  const wanted: Wanted = { look, change, fault };
  for (const guard of guards) {
    const ruling = guard(wanted);
    if (ruling !== undefined) return ruling;
  }
  return heal(wanted);
}

/** There is nothing to do but what the alert of the incident did: to call people. */
function withoutRemedy({ now }: Case, change: Transition, findings: readonly Finding[]): Ruling {
  const why = [...new Set(findings.flatMap(({ hopeless }) => hopeless ?? []))].join("; ");
  const named = [...new Set(findings.map(({ symptom }) => symptom))].join(", ");
  const reason = `no remedy for ${named}${why === "" ? "" : `: ${why}`}`;
  return { ...change, state: enter(change.state, "suspect", reason, now), verdict: "wait", reason };
}

function needs({ look, change }: Wanted): Ruling | undefined {
  const hold = heldByNeeds(look.surroundings);
  return hold && held(change, { ...hold, phase: "blocked", verdict: "wait", now: look.now });
}

function givenUp({ look, change }: Wanted): Ruling | undefined {
  const { target, now } = look;
  const hold = heldByGivingUp(change.state, target.policy, now);
  const { gaveUp } = change.state;
  if (hold === undefined || gaveUp === undefined) return undefined;
  const said = andThen(change, (state) => announceGaveUp(state, { target, now, gaveUp }));
  return held(said, { ...hold, phase: "gave-up", verdict: "gave-up", now });
}

function inFlight({ look, change }: Wanted): Ruling | undefined {
  if (!look.surroundings.healInFlight) return undefined;
  const reason = "a heal is under way";
  return held(change, { by: "in-flight", reason, phase: "healing", verdict: "wait", now: look.now });
}

function budget(wanted: Wanted): Ruling | undefined {
  const { look, change } = wanted;
  const { target, now } = look;
  if (heldByBudget(change.state, target.policy, now) === undefined) return undefined;
  return givenUp({
    ...wanted,
    change: andThen(change, (state) => giveUp(state, { target, now, by: "budget" })),
  });
}

function blastRadius({ look, change, fault }: Wanted): Ruling | undefined {
  const hold = heldByBlastRadius(look.surroundings, fault);
  if (hold === undefined) return undefined;
  const alert = { event: "blast-radius", severity: "critical", message: hold.reason } as const;
  const said = andThen(change, (state) => alertOnce(state, alert));
  return held(said, { ...hold, phase: "suspect", verdict: "wait", now: look.now });
}

/** The heal is due later: its step says how much later, and nothing sits in the queue meanwhile. */
function backoff(wanted: Wanted): Ruling | undefined {
  const { now } = wanted.look;
  const { notBefore, backoffLevel } = wanted.change.state;
  if (notBefore === undefined || notBefore <= now) return undefined;
  const reason = `tries again at ${atClock(notBefore, now)}, after ${counted(backoffLevel, "failure")}`;
  return healing(wanted, { delay: notBefore - now, reason });
}

/** The plan is made once per incident. */
function dryRun(wanted: Wanted): Ruling | undefined {
  const { look, change } = wanted;
  if (look.target.policy.mode !== "dry-run") return undefined;
  const noted = noteOnce(change.state, "dry-run");
  if (noted) return heal({ ...wanted, change: { ...change, state: noted } });
  const reason = "not healed: the mode is dry-run; `healq incident` of this incident has the plan";
  return held(change, { by: "mode", reason, phase: "suspect", verdict: "wait", now: look.now });
}

/** The node has applied as many remedies as it may: asked for now, the heal would only be skipped. */
function room({ look, change }: Wanted): Ruling | undefined {
  const { fullUntil } = look.surroundings;
  if (fullUntil === undefined || fullUntil <= look.now) return undefined;
  const reason = "not healed yet: limits.heals: this node has applied as many remedies as it may";
  const hold = { by: "blast-radius", reason, until: fullUntil } as const;
  return held(change, { ...hold, phase: "suspect", verdict: "wait", now: look.now });
}

function heal(wanted: Wanted): Ruling {
  return healing(wanted, { delay: 0, reason: wanted.fault.message });
}

function healing({ look, change, fault }: Wanted, when: { delay: number; reason: string }): Ruling {
  const { target, now } = look;
  const { symptom } = fault;
  const attempts = isHalfOpen(change.state, now) ? 1 : applicationsOf(ladderFor(target, symptom));
  const step = {
    type: "heal",
    symptom,
    delay: when.delay,
    attempts,
    dryRun: target.policy.mode === "dry-run",
  } as const;
  return {
    state: enter(change.state, "healing", when.reason, now),
    steps: [...change.steps, step],
    marks: change.marks,
    verdict: when.delay > 0 ? "wait" : "heal",
    reason: when.reason,
  };
}
