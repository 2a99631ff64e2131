import { orAborted } from "../src/lib/or-aborted.ts";

/** The blast radius of one node: how many remedies per window, and how many at once (contract §3 `limits`). */
export interface Limits {
  /** Charges one automatic application now, or says when there is room again (milliseconds since the epoch). */
  charge(now: number): { readonly ok: true } | { readonly ok: false; readonly until: number };
  /** Runs `work` when fewer than `concurrency` remedies are being applied; rejects at once when `signal` aborts while it waits. */
  applying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** Creates the limits; `per` in milliseconds. */
export function createLimits(limits: { heals: { max: number; per: number }; concurrency: number }): Limits {
  let charged: number[] = [];
  const slots = createSlots(limits.concurrency);
  return {
    charge: (now) => {
      // A clock that was set back must not lock healing out: charges of the future are forgotten.
      charged = charged.filter((at) => at <= now && at > now - limits.heals.per);
      const [oldest] = charged;
      if (charged.length >= limits.heals.max) return { ok: false, until: (oldest ?? now) + limits.heals.per };
      charged.push(now);
      return { ok: true };
    },
    applying: async (signal, work) => {
      await slots.take(signal);
      try {
        return await work();
      } finally {
        slots.give();
      }
    },
  };
}

/** So many at once; those who wait are served in order. */
function createSlots(size: number): { take(signal: AbortSignal): Promise<void>; give(): void } {
  let free = size;
  const waiting = new Set<() => void>();
  const give = () => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      let mine: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => {
        mine = () => {
          waiting.delete(mine);
          resolve();
        };
        waiting.add(mine);
      });
      try {
        await orAborted(turn, signal);
      } catch (reason) {
        // One whose turn came in the very moment it gave up hands it on.
        if (!waiting.delete(mine)) give();
        throw reason;
      }
    },
    give,
  };
}
