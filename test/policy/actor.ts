import { nextDelay } from "../../src/lib/backoff.ts";
import type { Decision, Mark, Step } from "../../src/model/decision.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { TargetState } from "../../src/model/state.ts";
import type { Surroundings } from "../../src/model/surroundings.ts";
import { decide } from "../../src/policy/decide.ts";
import {
  mayApply,
  onApplied,
  onAttemptFailed,
  onBudgetSpent,
  onHealFailed,
  onHealSucceeded,
} from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import type { PolicyTarget, Transition } from "../../src/policy/transition.ts";
import { calm, death, look, start } from "./fixtures.ts";

/** A target, its state and a clock that the test moves; heals run as the runner of heals runs them, to a script. */
export class Actor {
  now = start;
  state: TargetState;
  surroundings: Surroundings = calm;
  /** All marks and alerts so far, and the time of each application. */
  readonly marks: Mark[] = [];
  readonly alerts: Extract<Step, { type: "alert" }>[] = [];
  readonly applications: number[] = [];
  readonly target: PolicyTarget;
  #incidents = 0;

  constructor(target: PolicyTarget) {
    this.target = target;
    this.state = initialState(start);
  }

  pass(ms: number): void {
    this.now += ms;
  }

  look(rest: Partial<Observation> & Pick<Observation, "status">): Decision {
    const { state, decision } = decide({
      target: this.target,
      state: this.state,
      observation: look({ at: this.now, ...rest }),
      surroundings: this.surroundings,
      now: this.now,
      random: () => 0,
      newId: () => `incident-${++this.#incidents}`,
    });
    this.take({ ...decision, state });
    return decision;
  }

  ok(): Decision {
    return this.look({ status: "ok", message: "running" });
  }

  bad(...findings: Finding[]): Decision {
    return this.look({ status: "critical", findings: findings.length > 0 ? findings : [death] });
  }

  /** The phases of one automatic heal that was decided on: each try is applied, and ends as told after `lasts`. */
  heal(decision: Decision, script: { works: boolean; lasts?: number }): "healed" | "failed" | "skipped" {
    const step = decision.steps.find((each) => each.type === "heal");
    if (step?.type !== "heal" || step.delay > 0) throw new Error(`no heal is due: ${decision.reason}`);
    for (let attempt = 1; ; attempt += 1) {
      if (!this.apply()) return "skipped";
      this.pass(script.lasts ?? 1_000);
      const { target, now } = this;
      if (script.works) {
        this.take(onHealSucceeded(this.state, { now, policy: target.policy }));
        return "healed";
      }
      if (attempt >= step.attempts) {
        this.take(onHealFailed(this.state, { target, now, random: () => 0, reason: "died at once" }));
        return "failed";
      }
      this.take(onAttemptFailed(this.state, { now, policy: target.policy }));
      this.pass(nextDelay(target.policy.backoff, this.state.backoffLevel, () => 0));
    }
  }

  take({ state, steps, marks }: Transition): void {
    this.state = state;
    this.marks.push(...marks);
    for (const step of steps) if (step.type === "alert") this.alerts.push(step);
  }

  events(): string[] {
    return this.marks.map(({ event }) => event).filter((event) => event !== "check.changed");
  }

  alerted(): string[] {
    return this.alerts.map(({ event }) => event);
  }

  private apply(): boolean {
    const { target, state, surroundings, now } = this;
    const asked = mayApply({ target, state, surroundings, now, person: false, force: false, fact: true });
    if (!asked.ok) {
      if (asked.by === "budget") this.take(onBudgetSpent(state, { target, now }));
      return false;
    }
    const { halfOpen } = asked;
    this.take(onApplied(state, { now, charged: true, halfOpen, policy: target.policy }));
    this.applications.push(now);
    return true;
  }
}
