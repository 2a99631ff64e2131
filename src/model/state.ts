import type { Phase } from "./phase.ts";
import type { Status } from "./status.ts";

/** Why healq gave up, and when it will try once more. */
export interface GaveUp {
  readonly by: "budget" | "breaker";
  /** Half-open from here on, in milliseconds since the epoch. */
  readonly until: number;
}

/** The open incident of a target, as far as `decide` needs it. */
export interface OpenIncident {
  readonly id: string;
  readonly openedAt: number;
  readonly symptom: string;
  /** Alerts already sent for it, so that each is sent once. */
  readonly alerted: readonly string[];
}

/**
 * What is remembered about a target between looks: one JSON value, changed by compare-and-set.
 * In the steady state (ok, watching) a look leaves it untouched, so it is not written.
 * All times are milliseconds since the epoch.
 */
export interface TargetState {
  readonly status: Status;
  /** Since when it has this status. */
  readonly since: number;
  readonly symptoms: readonly string[];
  readonly phase: Phase;
  readonly phaseSince: number;
  /** Why it is in this phase, for a person. */
  readonly reason: string;
  /** The newest looks that counted, oldest first: true is bad. At most `failAfter.of` of them. */
  readonly recent: readonly boolean[];
  /** Ok looks in a row, counted no further than `recoverAfter`. */
  readonly okInRow: number;
  /** Since when looks could not tell; absent while they can. */
  readonly unknownSince?: number;
  /** The `unknown` that lasts was alerted. */
  readonly unknownAlerted?: boolean;
  /** No look has been decided on yet. */
  readonly unseen?: boolean;
  readonly incident?: OpenIncident;
  /** The newest automatic applications, oldest first; no more than `budget.max`, and some may have left the window. */
  readonly applications: readonly number[];
  /** The last application by anyone. */
  readonly lastApplication?: number;
  /** Failed heals in a row, for the breaker. */
  readonly failedHeals: number;
  readonly gaveUp?: GaveUp;
  /** Failures since the last quiet period; the exponent of the back-off. */
  readonly backoffLevel: number;
  /** No automatic heal before this. */
  readonly notBefore?: number;
  /** Present in phase `probation` only. */
  readonly probationUntil?: number;
  /** The probation follows a verified cure, so trouble in it is a failed heal. */
  readonly cured?: boolean;
  /** The last failed try, the opening of the last incident, or the first ok look in it, whichever came last. */
  readonly lastTrouble?: number;
  /** Why the last try of the open incident failed, where the fault itself does not say it: a remedy that could not be run. */
  readonly lastFailure?: string;
  /** Finished heals, ever. */
  readonly heals: { readonly ok: number; readonly failed: number };
}
