import { orAborted } from "../src/lib/or-aborted.ts";

/** The blast radius of one node: how many remedies per window, and how many at once (contract §3 `limits`). */
export interface Limits {
  /** Charges one automatic application now, or says when there is room again (milliseconds since the epoch). */
  charge(
    now: number,
    target?: string,
  ): { readonly ok: true } | { readonly ok: false; readonly until: number };
  /** An automatic heal of this target is on its way: until it is charged or has ended it takes room too. */
  asked(target: string, now: number): void;
  /** That heal has ended. */
  ended(target: string): void;
  /**
   * When to ask again for an automatic heal; undefined: there is room now. A thousand targets that fail at once would else be a
   * thousand heals a minute that find no room.
   */
  fullUntil(now: number): number | undefined;
  /** Runs `work` when fewer than `concurrency` remedies are being applied; rejects at once when `signal` aborts while it waits. */
  applying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** A heal that was asked for and of which nothing was heard takes room no longer than this, in milliseconds. */
const forgottenAfter = 60_000;

/** Where all room is taken by heals that have not been charged yet: when to ask again, in milliseconds. */
const soon = 1_000;

/** Creates the limits; `per` in milliseconds. */
export function createLimits(limits: { heals: { max: number; per: number }; concurrency: number }): Limits {
  const { max, per } = limits.heals;
  let charged: number[] = [];
  const asked = new Map<string, number>();
  const slots = createSlots(limits.concurrency);
  // A clock that was set back must not lock healing out: what is of the future is forgotten.
  const isWithin = (at: number, now: number, window: number) => at <= now && at > now - window;
  const oldestOf = (now: number): number | undefined => {
    charged = charged.filter((at) => isWithin(at, now, per));
    return charged[0];
  };
  return {
    charge: (now, target) => {
      const oldest = oldestOf(now);
      if (target !== undefined) asked.delete(target);
      if (charged.length >= max) return { ok: false, until: (oldest ?? now) + per };
      charged.push(now);
      return { ok: true };
    },
    asked: (target, now) => void asked.set(target, now),
    ended: (target) => void asked.delete(target),
    fullUntil: (now) => {
      const oldest = oldestOf(now);
      for (const [target, at] of asked) if (!isWithin(at, now, forgottenAfter)) asked.delete(target);
      if (charged.length + asked.size < max) return undefined;
      return oldest === undefined ? now + soon : oldest + per;
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
