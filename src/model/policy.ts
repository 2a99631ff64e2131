/** Exponential back-off between applications: `delay · 2^(n−1)`, at most `max`, minus up to `jitter` of it. Milliseconds. */
export interface Backoff {
  readonly delay: number;
  readonly max: number;
  /** Share from 0 to 1: the delay is uniform in `[(1 − jitter) · d, d]`. */
  readonly jitter: number;
}

/** What a person may do with healq's freedom to act on a target. */
export type Mode = "auto" | "dry-run" | "observe";

/** The numbers that `decide` goes by, per target. All durations in milliseconds. */
export interface Policy {
  /** Bad looks of the last `of` before an incident opens. A fact counts at once. */
  readonly failAfter: { readonly count: number; readonly of: number };
  /** Ok looks in a row before an incident may be resolved. */
  readonly recoverAfter: number;
  readonly probation: number;
  readonly backoff: Backoff;
  /** At most `max` automatic applications per `per`. */
  readonly budget: { readonly max: number; readonly per: number };
  /** Opens after `failures` failed heals; half-opens after `cooldown`; all is forgotten after `reset` without trouble. */
  readonly breaker: { readonly failures: number; readonly cooldown: number; readonly reset: number };
  readonly verify: { readonly within: number };
  readonly mode: Mode;
}
