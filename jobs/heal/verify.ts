import { setTimeout as pause } from "node:timers/promises";
import { formatDuration } from "../../src/lib/duration.ts";
import type { Observation } from "../../src/model/observation.ts";
import { GuardClosed } from "../../src/model/errors.ts";
import { type Attempt, done, type Stage } from "./attempt.ts";
import { lookOnce } from "./look-once.ts";
import { attemptFailed } from "./record.ts";

/** Pauses between looks, in milliseconds: at once, then growing, then steady. */
const firstPause = 10;
const longestPause = 1_000;

/** Stage 7: nothing is cured until it is seen to be cured. */
export const verify: Stage = async (attempt) => {
  const { remedy, signal, target } = attempt;
  const cures = remedy?.cures !== false;
  const look = cures ? await lookUntilCured(attempt) : await lookOnce(attempt, target);
  if (signal.reason instanceof GuardClosed) return done(attempt, "skipped", signal.reason.message);
  if (isCured(look)) {
    attempt.cure = look;
    return undefined;
  }
  if (hasEnded(look)) return attemptFailed(attempt, look.message);
  if (!cures) return attemptFailed(attempt, `a person was called, nothing was changed: ${look.message}`);
  return attemptFailed(attempt, `not verified within ${formatDuration(within(attempt, look))}: ${look.message}`);
};

function isCured(look: Observation): boolean {
  return look.status === "ok" && look.verified !== false;
}

/** A process that has ended again will not get well by waiting. */
function hasEnded(look: Observation): boolean {
  return look.state === "crashed" || look.state === "failed";
}

/** A worker that writes every five minutes cannot be verified in thirty seconds: its kind says how long that takes. */
function within({ target }: Attempt, look: Observation): number {
  return Math.max(target.policy.verify.within, look.verifyWithin ?? 0);
}

/** Looks at growing steps until the target is well, has ended again, or the time is over. */
async function lookUntilCured(attempt: Attempt): Promise<Observation> {
  const { target, signal } = attempt;
  const start = performance.now();
  for (let wait = firstPause; ; wait = Math.min(longestPause, wait * 2)) {
    const look = await lookOnce(attempt, target);
    const left = start + within(attempt, look) - performance.now();
    if (isCured(look) || hasEnded(look) || left <= 0 || signal.aborted) return look;
    // An abort ends the pause early; the loop then ends by itself.
    await pause(Math.min(wait, left), undefined, { signal }).catch(() => undefined);
  }
}
