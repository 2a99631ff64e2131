import type { Decision } from "../model/decision.ts";
import type { TargetState } from "../model/state.ts";
import type { Case, Ruling } from "./case.ts";
import { withinReach } from "./clock-jumps.ts";
import { onOk } from "./recovery.ts";
import { isAtRest } from "./rest.ts";
import { seen } from "./seen.ts";
import { settled, stamped, without } from "./transition.ts";
import { onTrouble } from "./trouble.ts";
import { onUnknown } from "./unknown.ts";

/**
 * What one look at a target means: the new state, and a decision with its reason, the steps to take and the audit marks.
 *
 * Pure: no clock but `now`, no chance but `random`, nothing is done. When nothing changes, the state that is returned is the very
 * one that was passed in, and there are no steps and no marks. The decision returns its reason rather than a yes or no: the
 * idea of `needsUpdate` in Prometheus Alertmanager.
 */
export function decide(look: Case): { state: TargetState; decision: Decision } {
  if (!isAtRest(look)) return deliberate(look);
  const reason = look.observation.message || "ok";
  return { state: look.state, decision: { verdict: "ok", reason, steps: [], marks: [] } };
}

/** `decide`, rule by rule. */
export function deliberate(look: Case): { state: TargetState; decision: Decision } {
  const { state: before, target } = look;
  const ruling = stampedRuling(before, ruleOn(look, withinReach(before, target.policy, look.now)));
  const { verdict, reason, steps, marks } = ruling;
  return { state: settled(before, ruling.state), decision: { verdict, reason, steps, marks } };
}

function ruleOn(look: Case, reachable: TargetState): Ruling {
  // A look that could not tell leaves even times that a clock set back has put out of reach.
  if (look.observation.status === "unknown") return onUnknown(look, seen(look));
  const known = { ...look, state: reachable };
  const noticed = seen(known);
  const before = { ...noticed, state: without(noticed.state, "unknownSince", "unknownAlerted") };
  return look.observation.status === "ok" ? onOk(known, before) : onTrouble(known, before);
}

function stampedRuling(before: TargetState, ruling: Ruling): Ruling {
  return { ...ruling, ...stamped(before, ruling) };
}
