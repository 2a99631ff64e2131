import { formatDuration } from "../lib/duration.ts";
import type { Mark } from "../model/decision.ts";
import type { TargetState } from "../model/state.ts";
import { close } from "./breaker.ts";
import type { Case, Ruling } from "./case.ts";
import { withOkLook } from "./hysteresis.ts";
import { whileWell } from "./quiet.ts";
import { andThen, enter, only, type Transition, without } from "./transition.ts";

/** After an ok look: all is well, or an open incident goes through probation to its end. */
export function onOk(look: Case, before: Transition): Ruling {
  const { target, now } = look;
  const counted = andThen(before, (state) => only(withOkLook(state, target.policy)));
  if (counted.state.incident !== undefined) return recovering(look, counted);
  const well = andThen(counted, (state) => whileWell(atRest(look, state), target.policy, now));
  return { ...well, verdict: "ok", reason: look.observation.message || "ok" };
}

function atRest({ state: before, now }: Case, state: TargetState): TargetState {
  return state.phase === "watching" && !before.unseen ? state : enter(state, "watching", "all is well", now);
}

function recovering(look: Case, counted: Transition): Ruling {
  const { policy } = look.target;
  if (look.surroundings.healInFlight && counted.state.phase !== "probation") {
    return {
      ...counted,
      verdict: "recovering",
      reason: "ok while a heal is under way, which will verify it",
    };
  }
  // Trouble ended with the first ok look after it; the quiet time is counted from there.
  const first = look.state.okInRow === 0;
  const noted = first ? { ...counted.state, lastTrouble: look.now } : counted.state;
  const state = noted.phase === "probation" ? noted : byItself(look, noted);
  const missing = notYet(look, state);
  const change: Transition = { ...counted, state };
  if (missing !== undefined) return { ...change, verdict: "recovering", reason: missing };
  return resolve(look, change, `well for ${formatDuration(policy.probation)} after ${how(state)}`);
}

/** It came back although nothing was verified: by itself, by a person, or by a cure that came too late to be seen. */
function byItself({ target, now }: Case, state: TargetState): TargetState {
  const next = enter(without(state, "notBefore"), "probation", "recovered without a cure", now);
  return { ...without(next, "cured"), probationUntil: now + target.policy.probation };
}

function how(state: TargetState): string {
  return state.cured ? "a verified cure" : "it recovered without a cure";
}

/** What is still missing before the incident may be resolved. */
function notYet({ target, now, observation }: Case, state: TargetState): string | undefined {
  const { recoverAfter } = target.policy;
  const left = (state.probationUntil ?? now) - now;
  if (left > 0) return `in probation for ${formatDuration(left)} more after ${how(state)}`;
  if (state.okInRow < recoverAfter) return `ok ${state.okInRow} of ${recoverAfter} times in a row`;
  // A look that began before the last application saw what was there before it. One from the future (the clock was set
  // back while it ran) cannot be told from such a one.
  const newer = observation.at > (state.lastApplication ?? -Infinity) && observation.at <= now;
  return newer ? undefined : "ok, but the look began before the last application";
}

function resolve(look: Case, change: Transition, reason: string): Ruling {
  const symptom = change.state.incident?.symptom;
  const mark: Mark = { event: "incident.resolved", reason, ...(symptom !== undefined && { symptom }) };
  const closed = andThen(change, (state) => close(without(state, "incident", "lastFailure"), reason));
  return {
    state: enter(closed.state, "watching", `resolved: ${reason}`, look.now),
    marks: [...closed.marks, mark],
    steps: [
      ...closed.steps,
      { type: "resolve" },
      { type: "alert", severity: "info", event: "incident.resolved", message: reason },
    ],
    verdict: "resolved",
    reason,
  };
}
