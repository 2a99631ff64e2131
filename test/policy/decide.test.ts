import { expect, test } from "vitest";
import {
  mayApply,
  onAttemptFailed,
  onHealFailed,
  onHealSucceeded,
} from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import { isOvertaken } from "../../src/policy/overtaken.ts";
import { Actor } from "./actor.ts";
import { calm, death, fault, look, start, targetWith } from "./fixtures.ts";

test("a target that stays well keeps the very same state, and nothing is to be done", () => {
  const worker = new Actor(targetWith({ recoverAfter: 3 }));
  for (const _ of [1, 2, 3]) worker.ok();
  const { state } = worker;
  worker.pass(86_400_000);
  expect(worker.ok()).toEqual({ verdict: "ok", reason: "running", steps: [], marks: [] });
  expect(worker.state).toBe(state);
});

test("a change of status or symptoms is marked; a first look that is ok is not", () => {
  const worker = new Actor(targetWith({ mode: "observe" }));
  worker.ok();
  expect(worker.marks).toEqual([]);
  worker.bad(fault("process.hung"));
  worker.bad(fault("process.hung"), fault("process.memory", { severity: "warning" }));
  worker.bad(fault("process.hung"), fault("process.memory", { severity: "warning" }));
  worker.look({ status: "unknown" });
  worker.ok();
  const changes = worker.marks.filter(({ event }) => event === "check.changed");
  expect(changes.map(({ details }) => details)).toEqual([
    { from: "ok", to: "critical", symptoms: ["process.hung"] },
    { from: "critical", to: "critical", symptoms: ["process.hung", "process.memory"] },
    { from: "critical", to: "unknown", symptoms: ["process.hung", "process.memory"] },
    { from: "unknown", to: "ok", symptoms: [] },
  ]);
  expect(changes[0]).toMatchObject({ incident: "incident-1", symptom: "process.hung" });
});

test("a first look that is bad is marked as a change", () => {
  const worker = new Actor(targetWith());
  worker.bad();
  expect(worker.marks[0]).toMatchObject({ event: "check.changed", details: { from: "unknown" } });
});

test("an inferred fault is believed after failAfter bad looks; a fact at once", () => {
  const worker = new Actor(targetWith({ failAfter: { count: 2, of: 3 } }));
  const hung = fault("process.hung");
  expect(worker.bad(hung)).toMatchObject({
    verdict: "suspect",
    reason: "not healed yet: 2 bad looks of the last 3 are believed, so far 1",
    steps: [{ type: "wait", by: "hysteresis" }],
  });
  expect(worker.state.phase).toBe("suspect");
  worker.ok();
  expect(worker.state.phase).toBe("watching");
  expect(worker.bad(hung).verdict).toBe("heal");

  const other = new Actor(worker.target);
  expect(other.bad(death).verdict).toBe("heal");
});

test("unknown for more than five minutes is alerted once, until it is known again", () => {
  const worker = new Actor(targetWith());
  const unknown = () => worker.look({ status: "unknown", message: "docker is not installed" });
  unknown();
  worker.pass(300_000);
  unknown();
  expect(worker.alerts).toEqual([]);
  worker.pass(1_000);
  unknown();
  unknown();
  expect(worker.alerts).toEqual([
    {
      type: "alert",
      event: "unknown",
      severity: "warning",
      message: "unknown for 5m 1s; cannot tell: docker is not installed",
    },
  ]);
  worker.ok();
  unknown();
  worker.pass(300_001);
  unknown();
  expect(worker.alerts).toHaveLength(2);
});

test("starting waits, however long it lasts, and calls nobody", () => {
  const worker = new Actor(targetWith());
  for (const _ of [1, 2, 3]) {
    const decision = worker.look({ status: "unknown", state: "starting", message: "up for 2 s" });
    expect(decision).toMatchObject({ verdict: "unknown", steps: [{ type: "wait", by: "starting" }] });
    worker.pass(200_000);
  }
  expect(worker.alerts).toEqual([]);
});

test("what a person stopped, silenced or paused is not healed and opens no incident", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, stopped: true };
  expect(worker.bad()).toMatchObject({ reason: "not healed: a person wants it stopped" });
  expect(worker.state.phase).toBe("stopped");
  const until = worker.now + 60_000;
  worker.surroundings = { ...calm, paused: { scope: "everything", reason: "ann: maintenance", until } };
  expect(worker.bad()).toMatchObject({
    reason: "not healed: healing is paused everywhere (ann: maintenance) until 12:01:00Z",
    steps: [{ type: "wait", by: "silence", until }],
  });
  expect(worker.state.phase).toBe("silenced");
  expect(worker.state.incident).toBeUndefined();
  worker.surroundings = calm;
  worker.ok();
  expect(worker.state.phase).toBe("watching");
});

test("a bad target whose need is unmet is blocked without an incident or a call, and healed once the need is met", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, unmetNeeds: ["db is critical"] };
  const decision = worker.bad();
  expect(decision).toMatchObject({ reason: "not healed: needs db, which is critical" });
  expect(decision.steps).toEqual([{ type: "wait", by: "inhibition" }]);
  expect(worker.state.phase).toBe("blocked");
  expect(worker.state.incident).toBeUndefined();
  worker.surroundings = calm;
  expect(worker.bad().verdict).toBe("heal");
  expect(worker.state.incident?.id).toBe("incident-1");
});

test("a process that waits for its needs is blocked with its own words, and watched again once it is started", () => {
  const worker = new Actor(targetWith());
  const waits = { status: "unknown", state: "starting", message: "waits for its needs: db" } as const;
  worker.surroundings = { ...calm, unmetNeeds: ["db is critical"] };
  const decision = worker.look(waits);
  expect(decision).toMatchObject({
    verdict: "unknown",
    steps: [{ type: "wait", by: "inhibition" }],
    marks: [],
  });
  expect(worker.state).toMatchObject({ phase: "blocked", reason: "waits for its needs: db" });
  worker.pass(600_000);
  worker.look(waits);
  expect(worker.alerts).toEqual([]);
  worker.surroundings = calm;
  worker.look({ status: "unknown", state: "starting", message: "alive for 2 ms", pid: 7 });
  expect(worker.state.phase).toBe("watching");
  // One that lives is looked at for itself, also while what it needs is bad.
  worker.surroundings = { ...calm, unmetNeeds: ["db is critical"] };
  worker.look({ status: "unknown", state: "starting", message: "alive for 3 ms", pid: 7 });
  expect(worker.state).toMatchObject({ phase: "watching" });
  expect(worker.state.incident).toBeUndefined();
});

test("trouble in probation is not the cure's failure while a need is unmet", () => {
  const worker = new Actor(targetWith());
  worker.heal(worker.bad(), { works: true });
  expect(worker.state.phase).toBe("probation");
  worker.surroundings = { ...calm, unmetNeeds: ["db is critical"] };
  expect(worker.bad().marks.map(({ event }) => event)).not.toContain("heal.failed");
  expect(worker.state).toMatchObject({ phase: "blocked", failedHeals: 0, incident: { id: "incident-1" } });
});

test("a pause without an imaginable end is told as one", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, paused: { scope: "target", reason: "", until: 1e300 } };
  expect(worker.bad().reason).toBe("not healed: the target is silenced until the end of time");
});

test("mode observe opens the incident and heals nothing; mode dry-run asks for one plan per incident", () => {
  const watched = new Actor(targetWith({ mode: "observe" }));
  expect(watched.bad()).toMatchObject({ verdict: "wait", reason: "not healed: the mode is observe" });
  expect(watched.state).toMatchObject({ phase: "suspect", incident: { id: "incident-1" } });

  const tried = new Actor(targetWith({ mode: "dry-run" }));
  expect(tried.bad().steps).toContainEqual(expect.objectContaining({ type: "heal", dryRun: true }));
  expect(tried.bad()).toMatchObject({ verdict: "wait", steps: [{ type: "wait", by: "mode" }] });
});

test("a symptom without a ladder calls people and says that there is no remedy", () => {
  const disk = new Actor(targetWith({}, { ladders: { any: [], bySymptom: {} }, critical: true }));
  const decision = disk.bad(fault("disk.warning", { severity: "warning" }));
  expect(decision).toMatchObject({ verdict: "wait", reason: "no remedy for disk.warning" });
  expect(decision.steps).toEqual([
    { type: "alert", event: "incident.opened", severity: "critical", message: "no answer" },
  ]);
});

test("the worst finding that has a ladder is healed", () => {
  const ladders = { any: [], bySymptom: { "process.memory": [{ remedy: "restart", params: {}, tries: 2 }] } };
  const worker = new Actor(targetWith({}, { ladders }));
  const decision = worker.bad(fault("process.hung"), fault("process.memory", { severity: "warning" }));
  expect(decision.steps).toContainEqual(expect.objectContaining({ symptom: "process.memory", attempts: 2 }));
});

test("a bad look without findings is still an incident", () => {
  const worker = new Actor(targetWith());
  expect(worker.look({ status: "warning", kind: "command", message: "exit 1" })).toMatchObject({
    verdict: "heal",
    reason: "exit 1",
  });
});

test("a heal under way is left to itself, by bad looks and by ok ones", () => {
  const worker = new Actor(targetWith());
  worker.bad();
  worker.surroundings = { ...calm, healInFlight: true };
  expect(worker.bad()).toMatchObject({ verdict: "wait", steps: [{ type: "wait", by: "in-flight" }] });
  expect(worker.ok()).toMatchObject({ verdict: "recovering", steps: [] });
  expect(worker.state.phase).toBe("healing");
});

test("an incident is not resolved by a look that began before the last application", () => {
  const worker = new Actor(targetWith({ probation: 0 }));
  const decision = worker.bad();
  const before = worker.now;
  worker.heal(decision, { works: true, lasts: 10 });
  expect(worker.look({ status: "ok", at: before })).toMatchObject({ verdict: "recovering" });
  expect(worker.ok().verdict).toBe("resolved");
});

test("a clock set back by a year does not keep a target given up for a year", () => {
  const worker = new Actor(targetWith({ breaker: { failures: 1, cooldown: 60_000, reset: 3_600_000 } }));
  worker.heal(worker.bad(), { works: false });
  worker.pass(-365 * 86_400_000);
  expect(worker.bad().verdict).toBe("gave-up");
  expect(worker.state.gaveUp?.until).toBe(worker.now + 60_000);
  worker.pass(60_000);
  expect(worker.bad().verdict).toBe("heal");
});

test("a person's heal obeys hysteresis, needs, budget and breaker unless forced; stopped, paused and observe even then", () => {
  const worker = new Actor(targetWith({ failAfter: { count: 3, of: 3 } }));
  const asked = { target: worker.target, state: worker.state, now: worker.now, person: true, fact: false };
  const ask = (surroundings: Partial<typeof calm>, force = false) =>
    mayApply({ ...asked, force, surroundings: { ...calm, ...surroundings } });
  expect(ask({})).toMatchObject({ ok: false, by: "hysteresis" });
  expect(ask({}, true)).toEqual({ ok: true, halfOpen: false });
  expect(ask({ unmetNeeds: ["db is critical"] }, true).ok).toBe(true);
  expect(ask({ stopped: true }, true)).toMatchObject({ ok: false, by: "stopped" });
  expect(ask({ paused: { scope: "everything", reason: "ann" } }, true)).toMatchObject({ by: "silence" });
  const observed = targetWith({ mode: "observe" });
  expect(mayApply({ ...asked, target: observed, surroundings: calm, force: true })).toMatchObject({
    by: "mode",
  });
});

test("a node that has applied as many remedies as it may is not asked for one more, but looked at when it has room", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, fullUntil: worker.now + 5_000 };
  expect(worker.bad(death)).toMatchObject({
    verdict: "wait",
    steps: [
      { type: "alert", event: "incident.opened" },
      { type: "wait", by: "blast-radius", until: worker.now + 5_000 },
    ],
  });
});

test("why the last try failed is said when healq gives up, and forgotten with a cure", () => {
  const worker = new Actor(targetWith({ breaker: { ...targetWith().policy.breaker, failures: 1 } }));
  worker.bad(death);
  const { policy } = worker.target;
  const failure = "command not found: no-such-remedy";
  const tried = onAttemptFailed(worker.state, { now: worker.now, policy, failure }).state;
  const failed = { target: worker.target, now: worker.now, random: () => 0, reason: "x" };
  const gaveUp = onHealFailed(tried, { ...failed, failure }).state;
  expect(gaveUp.reason).toMatch(
    /^gave up: 1 failed heal; tries once more at \S+; the last try failed: command/,
  );
  // A try that failed for what the fault says already takes the words of the one before away.
  expect(onHealFailed(tried, failed).state.reason).not.toContain("last try");
  expect(onHealSucceeded(gaveUp, { now: worker.now, policy }).state.lastFailure).toBeUndefined();
});

test("a look that began before a remedy was applied is overtaken, unless the clock was set back since", () => {
  const cured = { ...initialState(start), lastApplication: start + 100 };
  const isLate = (at: number, now: number) =>
    isOvertaken({ state: cured, observation: look({ at, status: "critical", findings: [death] }), now });
  expect(isLate(start + 99, start + 500)).toBe(true);
  expect(isLate(start + 100, start + 500)).toBe(false);
  expect(isLate(start + 50, start + 99)).toBe(false);
  expect(
    isOvertaken({ state: initialState(start), observation: look({ at: 0, status: "ok" }), now: start }),
  ).toBe(false);
});
