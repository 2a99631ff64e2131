import { expect, test } from "vitest";
import { Actor } from "./actor.ts";
import { calm, fault, start, targetWith } from "./fixtures.ts";

/** Looks once a second, and heals whatever is due with a remedy that never works, until `until`. */
function crashLoop(worker: Actor, until: number): void {
  while (worker.now < until) {
    const decision = worker.bad();
    if (decision.verdict === "heal") worker.heal(decision, { works: false });
    worker.pass(1_000);
  }
}

test("a killed worker is healed at once, and its incident is resolved after probation", () => {
  const worker = new Actor(targetWith());
  worker.ok();
  worker.pass(5_000);
  const decision = worker.bad();
  expect(decision).toMatchObject({ verdict: "heal", reason: "killed by SIGKILL" });
  expect(decision.steps).toContainEqual({
    type: "heal",
    symptom: "process.dead",
    delay: 0,
    attempts: 3,
    dryRun: false,
  });
  expect(worker.heal(decision, { works: true, lasts: 300 })).toBe("healed");
  expect(worker.state).toMatchObject({ phase: "probation", probationUntil: worker.now + 10_000 });

  worker.pass(5_000);
  expect(worker.ok()).toMatchObject({ verdict: "recovering", steps: [] });
  worker.pass(5_000);
  expect(worker.ok()).toMatchObject({ verdict: "resolved" });
  expect(worker.state.incident).toBeUndefined();
  expect(worker.state).toMatchObject({ phase: "watching", failedHeals: 0, heals: { ok: 1, failed: 0 } });
  expect(worker.events()).toEqual(["incident.opened", "incident.resolved"]);
  expect(worker.alerts.map(({ severity }) => severity)).toEqual(["critical", "info"]);
  expect(new Set(worker.marks.map(({ incident }) => incident))).toEqual(new Set(["incident-1"]));
});

test("a worker that exits at once: five applications, then gave-up with one alert, then one try per cooldown", () => {
  const worker = new Actor(targetWith());
  crashLoop(worker, start + 299_000);
  expect(worker.applications).toHaveLength(5);
  const gaveUpAt = worker.state.phaseSince;
  expect(worker.state).toMatchObject({
    phase: "gave-up",
    gaveUp: { by: "budget", until: gaveUpAt + 300_000 },
  });
  expect(worker.state.reason).toMatch(/^gave up: 5 applications within 5m; tries once more at 12:0\d:\d\dZ$/);

  crashLoop(worker, gaveUpAt + 299_000);
  expect(worker.applications).toHaveLength(5);
  crashLoop(worker, gaveUpAt + 590_000);
  expect(worker.applications).toHaveLength(6);
  expect(worker.state.phase).toBe("gave-up");
  crashLoop(worker, gaveUpAt + 890_000);
  expect(worker.applications).toHaveLength(7);
  expect(worker.alerted()).toEqual(["incident.opened", "incident.gave-up"]);
  expect(worker.events().filter((event) => event === "incident.opened")).toHaveLength(1);
});

test("the back-off grows from try to try: at once, then after 1 s, 2 s, 4 s, 8 s", () => {
  const worker = new Actor(targetWith());
  crashLoop(worker, start + 60_000);
  const gaps = worker.applications.slice(1).map((at, index) => at - (worker.applications[index] ?? 0));
  // Each try lasts a second, and the first one of a heal waits for the next look.
  expect(gaps).toEqual([2_000, 3_000, 5_000, 9_000]);
});

test("a worker that dies 2 s after each verified start: one incident, and the breaker opens after three", () => {
  const worker = new Actor(targetWith());
  for (let turn = 0; turn < 20; turn += 1) {
    const decision = worker.bad();
    if (decision.verdict === "heal") {
      worker.heal(decision, { works: true });
      worker.ok();
      worker.pass(2_000);
    } else worker.pass(1_000);
  }
  expect(worker.state).toMatchObject({ phase: "gave-up", gaveUp: { by: "breaker" }, failedHeals: 3 });
  expect(worker.applications).toHaveLength(3);
  expect(worker.events()).toEqual([
    "incident.opened",
    "heal.failed",
    "heal.failed",
    "heal.failed",
    "breaker.opened",
    "incident.gave-up",
  ]);
  expect(worker.marks.find(({ event }) => event === "heal.failed")?.reason).toBe(
    "trouble again within probation: killed by SIGKILL",
  );
  expect(worker.alerted()).toEqual(["incident.opened", "incident.gave-up"]);
});

test("after the cooldown one application is tried even if the budget is spent; surviving probation closes the breaker", () => {
  const worker = new Actor(targetWith({ budget: { max: 5, per: 3_600_000 } }));
  crashLoop(worker, start + 60_000);
  worker.pass(300_000);
  const decision = worker.bad();
  expect(decision.steps).toContainEqual(expect.objectContaining({ type: "heal", attempts: 1, delay: 0 }));
  worker.heal(decision, { works: true });
  expect(worker.state.gaveUp?.until).toBe(worker.now - 1_000 + 300_000);
  worker.pass(10_000);
  expect(worker.ok().verdict).toBe("resolved");
  expect(worker.state.gaveUp).toBeUndefined();
  expect(worker.state).toMatchObject({ phase: "watching", failedHeals: 0 });
});

test("trouble in the probation of the half-open try: given up again at once, without a second alert", () => {
  const worker = new Actor(targetWith({ breaker: { failures: 1, cooldown: 60_000, reset: 3_600_000 } }));
  worker.heal(worker.bad(), { works: false });
  expect(worker.state.gaveUp?.by).toBe("breaker");
  worker.pass(60_000);
  worker.heal(worker.bad(), { works: true });
  worker.pass(2_000);
  expect(worker.bad()).toMatchObject({ verdict: "gave-up" });
  expect(worker.state.gaveUp).toEqual({ by: "breaker", until: worker.now + 60_000 });
  expect(worker.alerted()).toEqual(["incident.opened", "incident.gave-up"]);
  expect(worker.events().filter((event) => event === "breaker.opened")).toHaveLength(1);

  worker.pass(60_000);
  worker.heal(worker.bad(), { works: true });
  worker.pass(10_000);
  worker.ok();
  expect(worker.events().slice(-2)).toEqual(["breaker.closed", "incident.resolved"]);
});

test("a need that is bad blocks the heal, and the reason names it; once it is well the heal is due", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, unmetNeeds: ["predictive_engine is critical", "db was stopped by ann"] };
  const decision = worker.bad();
  expect(decision.reason).toBe(
    "not healed: needs predictive_engine, which is critical and db, which was stopped by ann",
  );
  expect(decision.steps).toContainEqual({ type: "wait", by: "inhibition" });
  expect(worker.state.phase).toBe("blocked");
  worker.surroundings = calm;
  expect(worker.bad().verdict).toBe("heal");
});

test("when most of the node looks sick, inferred faults are not healed and people are called once; a death still is", () => {
  const worker = new Actor(targetWith());
  worker.surroundings = { ...calm, fleet: { targets: 10, unhealthy: 6 } };
  const hung = fault("process.unhealthy");
  expect(worker.bad(hung)).toMatchObject({
    verdict: "wait",
    reason:
      "not healed: 6 of 10 targets are bad, more than 50%, and the fault is inferred; check the node itself",
  });
  worker.bad(hung);
  expect(worker.alerted()).toEqual(["incident.opened", "blast-radius"]);
  expect(worker.bad().verdict).toBe("heal");
  worker.surroundings = { ...calm, fleet: { targets: 4, unhealthy: 4 } };
  expect(worker.bad(hung).verdict).toBe("heal");
});

test("what comes back by itself goes through probation, and trouble in it is no failed heal", () => {
  const worker = new Actor(targetWith());
  worker.bad();
  worker.pass(1_000);
  expect(worker.ok().reason).toContain("recovered without a cure");
  worker.pass(1_000);
  expect(worker.bad().verdict).toBe("heal");
  expect(worker.state).toMatchObject({
    failedHeals: 0,
    heals: { failed: 0 },
    incident: { id: "incident-1" },
  });
});

test("after an hour without trouble the back-off is forgotten; before, a new incident waits first", () => {
  const early = new Actor(targetWith());
  early.heal(early.bad(), { works: false });
  early.pass(20_000);
  early.heal(early.bad(), { works: true });
  early.pass(10_000);
  early.ok();
  const late = new Actor(early.target);
  late.state = early.state;
  late.now = early.now;

  early.pass(60_000);
  const waits = early.bad();
  expect(waits.steps).toContainEqual(expect.objectContaining({ type: "heal", delay: 4_000 }));
  expect(waits.reason).toMatch(/^tries again at 12:0\d:\d\dZ, after 3 failures$/);

  late.pass(3_600_000);
  expect(late.bad()).toMatchObject({ verdict: "heal" });
  expect(late.state.backoffLevel).toBe(0);
});
