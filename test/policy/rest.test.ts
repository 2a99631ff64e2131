import { expect, test } from "vitest";
import type { TargetState } from "../../src/model/state.ts";
import type { Case } from "../../src/policy/case.ts";
import { decide, deliberate } from "../../src/policy/decide.ts";
import { isAtRest } from "../../src/policy/rest.ts";
import { calm, defaults, fault, look, start, targetWith } from "./fixtures.ts";

const long = 2 * defaults.breaker.reset;
const now = start + long;

/** Well, and nothing is remembered. */
const resting: TargetState = {
  status: "ok",
  since: start,
  symptoms: [],
  phase: "watching",
  phaseSince: start,
  reason: "all is well",
  recent: [],
  okInRow: 1,
  applications: [],
  failedHeals: 0,
  backoffLevel: 0,
  heals: { ok: 0, failed: 0 },
};

function seen(state: Partial<TargetState>, rest: Partial<Case["observation"]> = {}): Case {
  return {
    target: targetWith(),
    state: { ...resting, ...state },
    observation: look({ at: now, status: "ok", message: "as seen", ...rest }),
    surroundings: calm,
    now,
    random: () => 0.5,
    newId: () => "incident-1",
  };
}

test("a target at rest is left as it is, the very same object, and the rules come to the same", () => {
  for (const state of [{}, { lastApplication: start }, { failedHeals: 2, backoffLevel: 2 }]) {
    const it = seen(state);
    expect(isAtRest(it)).toBe(true);
    expect(decide(it).state).toBe(it.state);
    expect(decide(it)).toEqual(deliberate(it));
  }
});

const incident = { id: "i", openedAt: start, symptom: "process.dead", alerted: [] };

test.each<[string, Case]>([
  ["a bad look", seen({}, { status: "critical", findings: [fault("process.dead")] })],
  ["a look that could not tell", seen({}, { status: "unknown" })],
  ["a look that is ok and has a finding", seen({}, { findings: [fault("process.slow")] })],
  ["a status that was bad", seen({ status: "critical" })],
  ["a phase other than watching", seen({ phase: "suspect" })],
  ["no look before this one", seen({ unseen: true })],
  ["symptoms", seen({ symptoms: ["process.dead"] })],
  ["bad looks that count", seen({ recent: [false] })],
  ["too few ok looks in a row", seen({ okInRow: 0 })],
  ["applications that may be forgotten", seen({ applications: [start] })],
  ["an open incident", seen({ incident })],
  ["healing given up, and the cooldown over", seen({ gaveUp: { by: "breaker", until: start } })],
  ["trouble that may be forgotten", seen({ lastTrouble: start, backoffLevel: 2 })],
  ["a back-off that a set-back clock puts out of reach", seen({ notBefore: now + long })],
  ["a probation that a set-back clock puts out of reach", seen({ probationUntil: now + long })],
  ["looks before that could not tell", seen({ unknownSince: start })],
  ["an alert that looks could not tell", seen({ unknownAlerted: true })],
  ["a status since the future", seen({ since: now + 1 })],
  ["a phase since the future", seen({ phaseSince: now + 1 })],
  ["an application in the future", seen({ lastApplication: now + 1 })],
])("%s goes by the rules, and they change something", (_, it) => {
  const byRules = deliberate(it);
  expect(byRules.state).not.toBe(it.state);
  expect(decide(it)).toEqual(byRules);
});
