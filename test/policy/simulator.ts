import { expect } from "vitest";
import type { Decision } from "../../src/model/decision.ts";
import type { Observation } from "../../src/model/observation.ts";
import { isFact } from "../../src/model/observation.ts";
import type { TargetState } from "../../src/model/state.ts";
import { isBad } from "../../src/model/status.ts";
import type { Surroundings } from "../../src/model/surroundings.ts";
import { decide, deliberate } from "../../src/policy/decide.ts";
import {
  mayApply,
  onApplied,
  onAttemptFailed,
  onBudgetSpent,
  onHealFailed,
  onHealSucceeded,
} from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import { isAtRest } from "../../src/policy/rest.ts";
import type { PolicyTarget, Transition } from "../../src/policy/transition.ts";
import type { Action, Seen } from "./actions.ts";
import { calm, fault, look, start } from "./fixtures.ts";

/** What happened, in the order it did. `true` time never jumps; `era` counts the jumps forward. */
export type Event = { readonly time: number; readonly era: number; readonly at: number } & (
  | {
      readonly type: "looked";
      readonly observation: Observation;
      readonly before: TargetState;
      readonly after: TargetState;
      readonly decision: Decision;
      readonly surroundings: Surroundings;
      readonly begun: number;
    }
  | {
      readonly type: "applied";
      readonly person: boolean;
      readonly halfOpen: boolean;
      readonly before: TargetState;
    }
  | { readonly type: "refused"; readonly reason: string }
  | {
      readonly type: "healed" | "failed" | "attempt-failed" | "gave-up";
      readonly before: TargetState;
      readonly change: Transition;
    }
);

/** `Omit` that keeps the members of a union apart. */
type Rest<T> = T extends unknown ? Omit<T, "time" | "era" | "at"> : never;

interface Heal {
  readonly attempts: number;
  readonly fact: boolean;
  used: number;
  applied: boolean;
}

/** A world of one target: its state is kept as JSON, so that nothing but the state survives from step to step. */
export class Simulator {
  readonly target: PolicyTarget;
  readonly events: Event[] = [];
  /** Looks that changed nothing, and were seen to change nothing without going through the rules. */
  rests = 0;
  /** Time as it truly passes, and how far the clock is off. */
  time = start;
  off = 0;
  era = 0;
  surroundings: Surroundings = calm;
  heal: Heal | undefined;
  #pending: { seen: Seen; at: number; begun: number } | undefined;
  #stored: string;
  #newest = -1;
  #incidents = 0;
  readonly #random: () => number;

  constructor(target: PolicyTarget, random: () => number) {
    this.target = target;
    this.#random = random;
    this.#stored = JSON.stringify(initialState(start));
  }

  get clock(): number {
    return this.time + this.off;
  }

  get state(): TargetState {
    return JSON.parse(this.#stored);
  }

  run(actions: readonly Action[]): this {
    for (const action of actions) this.step(action);
    return this;
  }

  step(action: Action): void {
    if (action.do === "pass") this.time += action.ms;
    else if (action.do === "jump") this.#jump(action.ms);
    else if (action.do === "look") this.look(action.seen);
    else if (action.do === "begin") this.#pending ??= this.#begin(action.seen);
    else if (action.do === "end") this.#end();
    else if (action.do === "surround") this.surroundings = { ...calm, ...action.surroundings };
    else if (action.do === "work") this.work(action.works);
    else if (action.do === "person") this.#person(action);
    else this.heal = undefined;
  }

  look(seen: Seen): Decision {
    return this.#decide(this.#begin(seen));
  }

  /** The heal under way goes one stage further: it applies, or learns how the application ended. */
  work(works: boolean): void {
    const { heal } = this;
    if (heal === undefined) return;
    if (!heal.applied) {
      heal.applied = this.#apply({ person: false, force: false, fact: heal.fact });
      if (!heal.applied) this.heal = undefined;
      heal.used += 1;
    } else if (works) {
      this.#succeed();
      this.heal = undefined;
    } else if (heal.used >= heal.attempts) {
      this.#fail();
      this.heal = undefined;
    } else {
      const before = this.state;
      const change = onAttemptFailed(before, { now: this.clock, policy: this.target.policy });
      this.#record({ type: "attempt-failed", before, change });
      heal.applied = false;
    }
  }

  /** A clock that is set back while a look runs makes that look's time meaningless; its caller drops it. */
  #jump(ms: number): void {
    this.off += ms;
    if (ms > 0) this.era += 1;
    else this.#pending = undefined;
  }

  #begin(seen: Seen) {
    return { seen, at: this.clock, begun: this.events.length };
  }

  #end(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    // The caller drops a look that is older than the one decided on before.
    if (pending && pending.begun >= this.#newest) this.#decide(pending);
  }

  #decide({ seen, at, begun }: { seen: Seen; at: number; begun: number }): Decision {
    const { status, fact, starting, symptom } = seen;
    const findings = isBad(status) ? [fault(symptom, { fact, severity: status })] : [];
    const observation = look({
      at,
      status,
      findings,
      message: "as seen",
      ...(starting && { state: "starting" }),
    });
    const surroundings = { ...this.surroundings, healInFlight: this.heal !== undefined };
    const before = this.state;
    const seenHere = {
      target: this.target,
      state: before,
      observation,
      surroundings,
      now: this.clock,
      random: this.#random,
      newId: () => `incident-${++this.#incidents}`,
    };
    const { state: after, decision } = decide(seenHere);
    if (isAtRest(seenHere)) {
      this.rests += 1;
      expect(deliberate(seenHere), "the short way comes to what the rules come to").toEqual({
        state: after,
        decision,
      });
    }
    this.#newest = begun;
    this.#write(after);
    this.#log({ type: "looked", observation, before, after, decision, surroundings, begun });
    for (const step of decision.steps) {
      if (step.type !== "heal" || step.delay > 0 || step.dryRun) continue;
      expect(this.heal, "one automatic heal in flight").toBeUndefined();
      this.heal = { attempts: step.attempts, fact: isFact(observation), used: 0, applied: false };
    }
    return decision;
  }

  #apply(request: { person: boolean; force: boolean; fact: boolean }): boolean {
    const { target, surroundings, clock: now } = this;
    const state = this.state;
    const asked = mayApply({ target, state, surroundings, now, ...request });
    if (!asked.ok) {
      this.#log({ type: "refused", reason: asked.reason });
      if (asked.by === "budget" && !request.person) {
        this.#record({ type: "gave-up", before: state, change: onBudgetSpent(state, { target, now }) });
      }
      return false;
    }
    const { halfOpen } = asked;
    this.#write(onApplied(state, { now, charged: !request.person, halfOpen, policy: target.policy }).state);
    this.#log({ type: "applied", person: request.person, halfOpen, before: state });
    return true;
  }

  #person({ force, works, fact }: { force: boolean; works: boolean; fact: boolean }): void {
    if (!this.#apply({ person: true, force, fact })) return;
    if (works) this.#succeed();
    else this.#fail();
  }

  #succeed(): void {
    const before = this.state;
    const change = onHealSucceeded(before, { now: this.clock, policy: this.target.policy });
    this.#record({ type: "healed", before, change });
  }

  #fail(): void {
    const before = this.state;
    const of = { target: this.target, now: this.clock, random: this.#random, reason: "no answer" };
    this.#record({ type: "failed", before, change: onHealFailed(before, of) });
  }

  #record(event: Extract<Rest<Event>, { change: Transition }>): void {
    this.#write(event.change.state);
    this.#log(event);
  }

  #write(state: TargetState): void {
    this.#stored = JSON.stringify(state);
    expect(JSON.parse(this.#stored), "the state survives as JSON").toStrictEqual(state);
  }

  #log(event: Rest<Event>): void {
    this.events.push({ ...event, time: this.time, era: this.era, at: this.clock });
  }
}
