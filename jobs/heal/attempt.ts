import { GuardClosed } from "../../src/model/errors.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { HealOutcome, HealResult } from "../../src/model/heal.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { AnyRemedy } from "../../src/model/remedy.ts";
import type { TargetState } from "../../src/model/state.ts";
import type { Rung, Target } from "../../src/model/target.ts";
import type { Payloads } from "../../src/queues/catalogue.ts";
import type { TargetStore } from "../../src/store/target-store.ts";
import type { HealContext } from "../context.ts";

/** What one attempt has applied; kept with its job, so that another delivery of it verifies instead of applying once more. */
export interface Applied {
  readonly remedy: string;
  /** When that attempt began, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** One delivery of a `heal:run` job, as the runner sees it. */
export interface HealJob {
  readonly id: string;
  readonly data: Payloads["heal:run"];
  /** 0 for the first attempt. */
  readonly attempt: number;
  /** False when it was delivered before: after a failed attempt, a crash, or a stop of healq. */
  readonly first: boolean;
  /** How many attempts the job may have. */
  readonly attempts: number;
  readonly signal: AbortSignal;
  /** What an earlier delivery of this very attempt has applied; healq stopped or crashed before it was verified. */
  readonly applied?: Applied;
  /** Does not wait: a Redis that goes away in the middle must not hold up the heal. */
  keepApplied(applied: Applied): void;
  /** Adds a line to the job's log. */
  say(line: string): void;
}

/** How one attempt ended. Expected failures are values; the worker turns them into BullMQ's terms. */
export type Ended =
  | {
      readonly type: "done";
      readonly result: HealResult;
      /** When to look at the target again, in milliseconds from now; at once unless given. */
      readonly lookIn?: number;
    }
  /** Not cured, and there are tries left: again after `retryIn` milliseconds. */
  | { readonly type: "again"; readonly reason: string; readonly retryIn: number }
  /** Not cured, and all tries are spent. */
  | { readonly type: "failed"; readonly reason: string };

/** One attempt on its way through the stages: each stage adds what it learned. */
export interface Attempt {
  readonly context: HealContext;
  readonly job: HealJob;
  readonly target: Target;
  readonly store: TargetStore;
  /** Aborts when the job is cancelled, or when a person wants something else of the target. */
  readonly signal: AbortSignal;
  readonly startedAt: number;
  /** A person asked; nothing is charged. */
  readonly person: boolean;
  readonly dryRun: boolean;
  readonly forced: boolean;
  /** Why nothing would be done now: what a dry run adds to its plan. */
  readonly hindrances: string[];
  /** From the look again. */
  observation?: Observation;
  finding?: Finding;
  state?: TargetState;
  /** The remedy was applied by an earlier delivery: it only has to be verified. */
  resumed?: boolean;
  /** It is the one try after a cooldown: there is no second. */
  halfOpen?: boolean;
  /** From the ladder. */
  rung?: Rung;
  remedy?: AnyRemedy;
  /** Captured before the cure, for it is destroyed by it. */
  evidence?: Readonly<Record<string, unknown>>;
  /** When the application began. */
  appliedAt?: number;
  /** What the remedy reported. */
  details?: Readonly<Record<string, unknown>>;
  /** The look that showed the cure. */
  cure?: Observation;
}

/** One step of a heal; undefined lets the next one go on. */
export type Stage = (attempt: Attempt) => Promise<Ended | undefined>;

/** Ends the attempt with a result. */
export function done(
  attempt: Attempt,
  outcome: HealOutcome,
  reason: string,
  more: Partial<Pick<HealResult, "plan" | "recoveredMs" | "applications">> = {},
): Extract<Ended, { type: "done" }> {
  const { context, target, job, startedAt, remedy, state } = attempt;
  const now = context.clock.now();
  return {
    type: "done",
    result: {
      target: target.id,
      outcome,
      remedy: remedy?.remedy ?? null,
      reason,
      applications: job.attempt,
      recoveredMs: null,
      durationMs: Math.max(0, now - startedAt),
      incident: state?.incident?.id ?? job.data.incident ?? null,
      ...more,
    },
  };
}

/** healq stops: the heal is handed back to the queue, and the next healq goes on with it. */
class HealqStops extends Error {}

/** Ends an attempt whose signal aborted: a person wants something else, or healq stops. */
export function interrupted(attempt: Attempt): Ended {
  const { reason } = attempt.signal;
  if (reason instanceof GuardClosed) return done(attempt, "skipped", reason.message);
  throw new HealqStops("healq stops; the next one goes on with this heal");
}

/** Why the remedy is applied, for the record: what was asked for, unless another fault is cured by now. */
export function reasonOf({ job, finding }: Attempt): string | undefined {
  const { reason, symptom } = job.data;
  const isAnother = finding !== undefined && symptom !== undefined && finding.symptom !== symptom;
  return isAnother ? finding.message : (reason ?? finding?.message);
}

/** What every audit note of a heal carries. */
export function about(attempt: Attempt) {
  const { context, target, job, finding, remedy, state } = attempt;
  const incident = state?.incident?.id ?? job.data.incident;
  const symptom = finding?.symptom ?? job.data.symptom;
  return {
    at: context.clock.now(),
    target: target.id,
    job: job.id,
    ...(symptom === undefined ? {} : { symptom }),
    ...(remedy === undefined ? {} : { action: remedy.remedy }),
    ...(incident === undefined ? {} : { incident }),
    ...(job.data.requestedBy === undefined ? {} : { by: job.data.requestedBy }),
  };
}
