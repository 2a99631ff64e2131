import { setTimeout as pause } from "node:timers/promises";
import type { Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import type { HealContext } from "../context.ts";
import { lookOnce } from "./look-once.ts";

/** Pauses between looks, in milliseconds: at once, then growing, then steady. */
const firstPause = 10;
const longestPause = 1_000;

/** True if the target is seen to be well: not merely alive, but showing that it works since it was last started. */
export function isWell(look: Observation): boolean {
  return look.status === "ok" && look.verified !== false;
}

/** A process that has ended again will not get well by waiting, and neither will a fault that was not what was cured. */
export function hasEnded(look: Observation): boolean {
  return look.state === "crashed" || look.state === "failed" || look.anotherFault === true;
}

/** How long a verification may take. A worker that writes every five minutes cannot be verified in thirty seconds: its kind says so. */
export function verifyWithin(target: Target, look: Observation): number {
  return Math.max(target.policy.verify.within, look.verifyWithin ?? 0);
}

/** Looks at growing steps until the target is well, has ended again, the time is over, or `signal` aborts; gives the last look. */
export function lookUntilWell(
  context: HealContext,
  target: Target,
  signal: AbortSignal,
): Promise<Observation> {
  return lookUntil((look) => isWell(look) || hasEnded(look), { context, target, signal });
}

/** The same until a look is `enough`. */
export async function lookUntil(
  enough: (look: Observation) => boolean,
  { context, target, signal }: { context: HealContext; target: Target; signal: AbortSignal },
): Promise<Observation> {
  const start = performance.now();
  for (let wait = firstPause; ; wait = Math.min(longestPause, wait * 2)) {
    const look = await lookOnce({ context }, target);
    const left = start + verifyWithin(target, look) - performance.now();
    if (enough(look) || left <= 0 || signal.aborted) return look;
    // An abort ends the pause early; the loop then ends by itself.
    await pause(Math.min(wait, left), undefined, { signal }).catch(() => undefined);
  }
}
