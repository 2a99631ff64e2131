/** The blast radius of one node: how many remedies per window, and how many at once (contract §3 `limits`). */
export interface Limits {
  /** Charges one automatic application now, or says when there is room again (milliseconds since the epoch). */
  charge(now: number): { readonly ok: true } | { readonly ok: false; readonly until: number };
  /** Runs `work` when fewer than `concurrency` remedies are being applied. */
  applying<T>(work: () => Promise<T>): Promise<T>;
}

/** Creates the limits; `per` in milliseconds. */
export function createLimits(limits: { heals: { max: number; per: number }; concurrency: number }): Limits {
  let charged: number[] = [];
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    charge: (now) => {
      // A clock that was set back must not lock healing out: charges of the future are forgotten.
      charged = charged.filter((at) => at <= now && at > now - limits.heals.per);
      const [oldest] = charged;
      if (charged.length >= limits.heals.max) return { ok: false, until: (oldest ?? now) + limits.heals.per };
      charged.push(now);
      return { ok: true };
    },
    applying: async (work) => {
      if (running >= limits.concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
