import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFact, symptomsOf } from "../../src/model/observation.ts";
import { isBad } from "../../src/model/status.ts";
import { type Action, chances, lives, targets } from "./actions.ts";
import { calm } from "./fixtures.ts";
import { type Event, Simulator } from "./simulator.ts";

type Of<Type extends Event["type"]> = Extract<Event, { type: Type }>;

const anything = { jumps: true, persons: true };
const seenOk = { status: "ok", fact: false, starting: false, symptom: "" } as const;
const seenDead = { status: "critical", fact: true, starting: false, symptom: "process.dead" } as const;

/** Asserts something of many random lives. */
function always(options: { jumps: boolean; persons: boolean }, holds: (world: Simulator) => void): void {
  const property = fc.property(targets, lives(options), chances, (target, life: Action[], chance) => {
    holds(new Simulator(target, () => chance).run(life));
  });
  fc.assert(property, { numRuns: 200 });
}

function all<Type extends Event["type"]>(world: Simulator, type: Type): Of<Type>[] {
  return world.events.filter((event): event is Of<Type> => event.type === type);
}

/** All marks with the event that made them. */
function marks(world: Simulator) {
  return world.events.flatMap((event) => marksOf(event).map((mark) => ({ event, mark })));
}

function marksOf(event: Event) {
  if (event.type === "looked") return event.decision.marks;
  return "change" in event ? event.change.marks : [];
}

function alertsOf(event: Event) {
  const steps = event.type === "looked" ? event.decision.steps : "change" in event ? event.change.steps : [];
  return steps.filter((step) => step.type === "alert");
}

describe("in whatever life, with crashes, clock jumps and persons", () => {
  test("never more than budget.max applications in any window, but for half-open tries and persons", () => {
    always(anything, (world) => {
      const { max, per } = world.target.policy.budget;
      const charged = all(world, "applied").filter(({ person, halfOpen }) => !person && !halfOpen);
      for (const first of charged) {
        // A clock that jumps forward makes applications older than they are: windows within one era are looked at.
        const within = charged.filter(
          ({ time, era }) => era === first.era && time >= first.time && time < first.time + per,
        );
        expect(within.length).toBeLessThanOrEqual(max);
      }
    });
  });

  test("given up, only half-open tries are made, one per cooldown", () => {
    always(anything, (world) => {
      const { cooldown } = world.target.policy.breaker;
      let last: Event | undefined;
      for (const event of world.events) {
        const state = stateAfter(event);
        if (event.type === "applied" && !event.person && event.before.gaveUp) {
          expect(event.halfOpen).toBe(true);
          if (last?.era === event.era) expect(event.time - last.time).toBeGreaterThanOrEqual(cooldown);
          last = event;
        } else if (state && !state.gaveUp) last = undefined;
        else if (state?.gaveUp && !stateBefore(event)?.gaveUp) last = event;
        else if (event.type === "failed" && state?.gaveUp) last = event;
      }
    });
  });

  test("a resolved incident has an ok look that began after its last application", () => {
    always(anything, (world) => {
      world.events.forEach((event, index) => {
        if (event.type !== "looked" || event.decision.verdict !== "resolved") return;
        const application = world.events.findLastIndex(({ type }, at) => at < index && type === "applied");
        expect(event.observation.status).toBe("ok");
        expect(event.begun).toBeGreaterThan(application);
        expect(event.after).toMatchObject({ phase: "watching", failedHeals: 0 });
        expect(event.after.gaveUp).toBeUndefined();
      });
    });
  });

  test("the breaker opens after exactly `failures` failed heals, and closes when an incident is resolved", () => {
    always(anything, (world) => {
      const { failures } = world.target.policy.breaker;
      let failed = 0;
      let open = false;
      for (const event of world.events) {
        const told = marksOf(event).map((mark) => mark.event);
        if (event.type === "failed" || told.includes("heal.failed")) failed += 1;
        expect(told.includes("breaker.opened")).toBe(!open && failed >= failures && failed > 0);
        if (told.includes("breaker.opened")) {
          expect(failed).toBe(failures);
          open = true;
        }
        if (told.includes("breaker.closed")) {
          expect(open).toBe(true);
          expect(event.type === "looked" && event.observation.status).toBe("ok");
          open = false;
        }
        // Only a look may forget failed heals: when an incident is resolved, or after a quiet time without one.
        if (stateAfter(event)?.failedHeals === 0 && failed > 0) {
          expect(event.type).toBe("looked");
          failed = 0;
        }
        if (stateAfter(event)) expect(stateAfter(event)?.gaveUp?.by === "breaker").toBe(open);
      }
    });
  });

  test("nothing is healed while silenced, stopped, blocked or, inferred, over the blast radius", () => {
    always(anything, (world) => {
      for (const { decision, surroundings, observation } of all(world, "looked")) {
        if (!decision.steps.some((step) => step.type === "heal")) continue;
        const { stopped, paused, unmetNeeds, fleet, maxUnhealthy, healInFlight } = surroundings;
        expect({ stopped, paused, unmetNeeds, healInFlight }).toEqual({ ...calmHeal });
        if (!isFact(observation)) expect(fleet.unhealthy / fleet.targets).toBeLessThanOrEqual(maxUnhealthy);
      }
    });
  });

  test("an incident is opened by a fact, or by enough bad looks, unless a person or an unmet need forbids, and only then", () => {
    always(anything, (world) => {
      const { count, of: last } = world.target.policy.failAfter;
      let recent: boolean[] = [];
      for (const { observation, before, after, surroundings } of all(world, "looked")) {
        if (observation.status === "unknown") continue;
        const bad = isBad(observation.status);
        recent = [...recent, bad].slice(-last);
        const believed = bad && (isFact(observation) || recent.filter(Boolean).length >= count);
        const { stopped, paused, unmetNeeds } = surroundings;
        const free = !stopped && paused === undefined && unmetNeeds.length === 0;
        if (before.incident === undefined) expect(after.incident !== undefined).toBe(believed && free);
      }
    });
  });

  test("trouble in the probation after a verified cure is a failed heal if all needs are met, and no other bad look is", () => {
    always(anything, (world) => {
      for (const { observation, before, after, decision, surroundings } of all(world, "looked")) {
        const { stopped, paused, unmetNeeds } = surroundings;
        const free = !stopped && paused === undefined && unmetNeeds.length === 0;
        const relapsed = before.phase === "probation" && before.cured && isBad(observation.status) && free;
        expect(decision.marks.some(({ event }) => event === "heal.failed")).toBe(relapsed === true);
        expect(after.heals.failed - before.heals.failed).toBe(relapsed ? 1 : 0);
      }
    });
  });

  test("every heal that is not done has a reason", () => {
    always(anything, (world) => {
      for (const { decision, after } of all(world, "looked")) {
        expect(decision.reason).not.toBe("");
        expect(after.reason).not.toBe("");
      }
      for (const { reason } of all(world, "refused")) expect(reason).toMatch(/^(not healed|gave up)/);
    });
  });

  test("an unknown look changes no counter in either direction", () => {
    always(anything, (world) => {
      for (const { observation, before, after, decision } of all(world, "looked")) {
        if (observation.status !== "unknown") continue;
        const { status, since, unknownSince, unknownAlerted, unseen, ...others } = after;
        const { phase, phaseSince, reason, ...counters } = others;
        // A process that is being started is blocked by its needs, or not any more.
        const waits = [before.phase, phase].every((one) => one === "watching" || one === "blocked");
        const rest = observation.state === "starting" && waits ? counters : others;
        expect(before).toMatchObject(rest);
        expect(Object.keys(before)).toEqual(expect.arrayContaining(Object.keys(rest)));
        expect(decision.steps.some(({ type }) => type === "heal" || type === "resolve")).toBe(false);
      }
    });
  });

  test("each incident opens once, is alerted once when it opens, at most once when given up, and once when resolved", () => {
    always(anything, (world) => {
      const said = new Map<string, number>();
      const add = (key: string) => said.set(key, (said.get(key) ?? 0) + 1);
      for (const event of world.events) {
        const incident = (stateAfter(event)?.incident ?? stateBefore(event)?.incident)?.id;
        for (const { event: name } of alertsOf(event))
          if (name !== "unknown") add(`alert ${name} ${incident}`);
        for (const { event: name } of marksOf(event))
          if (name.startsWith("incident.")) add(`mark ${name} ${incident}`);
      }
      for (const [key, times] of said) expect(`${times} × ${key}`).toBe(`1 × ${key}`);
      for (const { event, mark } of marks(world)) {
        if (stateAfter(event)?.incident) expect(mark.incident).toBe(stateAfter(event)?.incident?.id);
      }
    });
  });

  test("a change of status or symptoms is marked, and nothing else is", () => {
    always(anything, (world) => {
      let known: { status: string; symptoms: string } | undefined;
      for (const { observation, decision } of all(world, "looked")) {
        const { status } = observation;
        const symptoms = status === "unknown" ? (known?.symptoms ?? "") : symptomsOf(observation).join();
        const first = known === undefined;
        const differs = status !== (known?.status ?? "unknown") || symptoms !== (known?.symptoms ?? "");
        const marked = decision.marks.some(({ event }) => event === "check.changed");
        expect(marked).toBe(differs && !(first && status === "ok"));
        known = { status, symptoms };
      }
    });
  });

  test("no time lies further ahead than the policy would put it now", () => {
    always(anything, (world) => {
      const { breaker, backoff, probation } = world.target.policy;
      for (const { at, after, observation } of all(world, "looked")) {
        if (observation.status === "unknown") continue;
        expect(after.gaveUp?.until ?? at).toBeLessThanOrEqual(at + breaker.cooldown);
        expect(after.notBefore ?? at).toBeLessThanOrEqual(at + Math.max(backoff.max, backoff.delay));
        expect(after.probationUntil ?? at).toBeLessThanOrEqual(at + probation);
        expect(Math.max(at, after.lastApplication ?? at, ...after.applications)).toBe(at);
      }
    });
  });
});

const calmHeal = { stopped: false, paused: undefined, unmetNeeds: [], healInFlight: false };

describe("after whatever life, once the world is calm", () => {
  test("a dead target is healed within a cooldown and a back-off: nothing is stuck", () => {
    always(anything, (world) => {
      world.surroundings = calm;
      world.heal = undefined;
      const { breaker, backoff } = world.target.policy;
      const deadline = world.time + breaker.cooldown + backoff.max;
      while (world.heal === undefined && world.time <= deadline) {
        world.look(seenDead);
        world.time += 1_000;
      }
      expect(world.heal).toBeDefined();
    });
  });

  test("a target that is well is resolved after probation, and in the end its state is left as it is", () => {
    always(anything, (world) => {
      world.surroundings = calm;
      world.heal = undefined;
      const { probation, recoverAfter, breaker, failAfter } = world.target.policy;
      for (let looks = 0; looks <= recoverAfter + failAfter.of; looks += 1) {
        world.look(seenOk);
        world.time += probation + 1;
      }
      expect(world.state).toMatchObject({
        status: "ok",
        phase: "watching",
        okInRow: recoverAfter,
        recent: [],
      });
      expect(world.state.incident).toBeUndefined();
      world.time += breaker.reset + breaker.cooldown;
      world.look(seenOk);
      expect(world.state).toMatchObject({ backoffLevel: 0, failedHeals: 0 });
      expect(world.state.gaveUp).toBeUndefined();
      world.time += world.target.policy.budget.per;
      world.look(seenOk);
      for (const ms of [1, 1_000, 86_400_000]) {
        world.time += ms;
        expect(world.look(seenOk)).toMatchObject({ verdict: "ok", steps: [], marks: [] });
        const last = all(world, "looked").at(-1);
        expect(last?.after).toBe(last?.before);
      }
      expect(world.rests).toBeGreaterThan(0);
    });
  });
});

function stateBefore(event: Event) {
  return "before" in event ? event.before : undefined;
}

function stateAfter(event: Event) {
  if (event.type === "looked") return event.after;
  return "change" in event ? event.change.state : undefined;
}
