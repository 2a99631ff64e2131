import { formatDuration } from "../lib/duration.ts";
import type { Step } from "../model/decision.ts";
import type { TargetState } from "../model/state.ts";
import { type Case, held, type Ruling } from "./case.ts";
import { mutedBy } from "./muted.ts";
import { enter, type Transition, without } from "./transition.ts";

/** How long looks may be unable to tell before people are called: 5 minutes, in milliseconds. */
const unknownAlertAfter = 300_000;

/** A look that could not tell moves no counter in either direction; when that lasts, people are called once. */
export function onUnknown(look: Case, before: Transition): Ruling {
  if (look.observation.state === "starting") return onStarting(look, before);
  const { observation, now } = look;
  const unknownSince = Math.min(before.state.unknownSince ?? observation.at, now);
  const state: TargetState = { ...before.state, unknownSince };
  const lasted = now - unknownSince;
  const reason = `cannot tell: ${observation.message || "the look gave no answer"}`;
  const due = lasted > unknownAlertAfter && !state.unknownAlerted && !mutedBy(look.surroundings, now);
  if (!due) return { ...before, state, verdict: "unknown", reason };
  const message = `unknown for ${formatDuration(lasted)}; ${reason}`;
  const alert: Step = { type: "alert", severity: "warning", event: "unknown", message };
  return {
    ...before,
    state: { ...state, unknownAlerted: true },
    steps: [...before.steps, alert],
    verdict: "unknown",
    reason,
  };
}

/** A process that is being started is not expected to answer yet; that is no reason to call anyone. */
function onStarting(look: Case, before: Transition): Ruling {
  const { observation, now } = look;
  const state = without(before.state, "unknownSince");
  const reason = `starting: ${observation.message || "not expected to answer yet"}`;
  if (waitsForNeeds(look, state)) {
    const hold = { by: "inhibition", reason: observation.message, phase: "blocked" } as const;
    return held({ ...before, state }, { ...hold, verdict: "unknown", now });
  }
  // Without an incident it was blocked by what it waited for, and that is over.
  const waited = state.phase === "blocked" && state.incident === undefined;
  return {
    ...before,
    state: waited ? enter(state, "watching", reason, now) : state,
    steps: [...before.steps, { type: "wait", by: "starting" }],
    verdict: "unknown",
    reason,
  };
}

/** Not started yet, because of what it needs. One that lives is looked at for itself. */
function waitsForNeeds({ observation, surroundings }: Case, { phase }: TargetState): boolean {
  const mayBe = phase === "watching" || phase === "blocked";
  return mayBe && observation.pid === undefined && surroundings.unmetNeeds.length > 0;
}
