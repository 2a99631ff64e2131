import { formatDuration } from "../lib/duration.ts";
import type { Policy } from "../model/policy.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import type { Overrides } from "./target-fields.ts";

/** All that a target may override, complete. Durations in milliseconds. */
export interface Settings {
  readonly when: { readonly every: number } | { readonly cron: string };
  readonly timeout: number;
  readonly attempts: number;
  readonly policy: Policy;
}

/** What holds where the file says nothing (contract §3). */
export const builtIn: Settings = {
  when: { every: 10_000 },
  timeout: 3_000,
  attempts: 3,
  policy: {
    failAfter: { count: 1, of: 1 },
    recoverAfter: 1,
    probation: 10_000,
    backoff: { delay: 1_000, max: 60_000, jitter: 0.2 },
    budget: { max: 5, per: 300_000 },
    breaker: { failures: 3, cooldown: 300_000, reset: 3_600_000 },
    verify: { within: 30_000 },
    mode: "auto",
  },
};

/** Settings with some of them overridden, field by field: `backoff: { delay: 5s }` leaves its `max` as it was. */
export function override(base: Settings, over: Overrides): Settings {
  const { policy } = base;
  const { failAfter = policy.failAfter, backoff, budget, breaker, verify } = over;
  return {
    when: whenOf(over) ?? base.when,
    timeout: over.timeout ?? base.timeout,
    attempts: over.attempts ?? base.attempts,
    policy: {
      failAfter: typeof failAfter === "number" ? { count: failAfter, of: failAfter } : failAfter,
      recoverAfter: over.recoverAfter ?? policy.recoverAfter,
      probation: over.probation ?? policy.probation,
      backoff: {
        delay: backoff?.delay ?? policy.backoff.delay,
        max: backoff?.max ?? policy.backoff.max,
        jitter: backoff?.jitter ?? policy.backoff.jitter,
      },
      budget: { max: budget?.max ?? policy.budget.max, per: budget?.per ?? policy.budget.per },
      breaker: {
        failures: breaker?.failures ?? policy.breaker.failures,
        cooldown: breaker?.cooldown ?? policy.breaker.cooldown,
        reset: breaker?.reset ?? policy.breaker.reset,
      },
      verify: { within: verify?.within ?? policy.verify.within },
      mode: over.mode ?? policy.mode,
    },
  };
}

function whenOf(over: Overrides): Settings["when"] | undefined {
  if (over.every !== undefined) return { every: over.every };
  return over.cron === undefined ? undefined : { cron: over.cron };
}

/** Says what does not go together in `defaults` or a target; only where that map itself says something about it. */
export function checkSettings(settings: Settings, place: Place, problems: Problems): void {
  const every = place.child("every");
  const cron = place.child("cron");
  if (every !== undefined && cron !== undefined) {
    const later = cron.keyAt > every.keyAt ? cron : every;
    problems.add(later.keyAt, later.path, "give `every` or `cron`, not both");
  }
  const backoff = place.child("backoff");
  const { delay, max } = settings.policy.backoff;
  const at = backoff?.child("max") ?? backoff?.child("delay");
  if (at !== undefined && max < delay)
    problems.add(
      at.at,
      at.path,
      `the delay (${formatDuration(delay)}) is longer than its max (${formatDuration(max)})`,
    );
}
