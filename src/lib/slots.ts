import { createHash } from "node:crypto";

/** Targets that are due together: at slot `second mod every`. */
export interface Slots {
  /** The ids that are due at this second (seconds since the epoch). */
  due(second: number): string[];
}

/**
 * Deals targets round-robin over the slots of their period, ordered by a hash of their id: the load is even, and stays
 * put when other targets come and go as far as it can. `every` in whole seconds.
 */
export function dealSlots(targets: readonly { readonly id: string; readonly every: number }[]): Slots {
  const periods = new Map<number, string[][]>();
  const ordered = targets
    .map((target) => ({ ...target, hash: createHash("sha1").update(target.id).digest("hex") }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const dealt = new Map<number, number>();
  for (const { id, every } of ordered) {
    const slots = periods.get(every) ?? Array.from({ length: every }, () => []);
    periods.set(every, slots);
    const turn = dealt.get(every) ?? 0;
    dealt.set(every, turn + 1);
    slots[turn % every]?.push(id);
  }
  return {
    due: (second) => [...periods].flatMap(([every, slots]) => slots[second % every] ?? []),
  };
}
