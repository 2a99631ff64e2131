import type { CheckMemory } from "../model/ports.ts";

/**
 * For how long something has been so, in milliseconds of the monotonic clock: 0 at the first look that sees it, and when it is not so.
 * Kept in the target's memory, so it counts from the first look of this healq.
 */
export function lastedFor(state: "so" | "not so", memory: CheckMemory, now = performance.now()): number {
  // Only this function writes the entry.
  const since = memory.get("since") as number | undefined;
  if (state === "not so") {
    if (since !== undefined) memory.set("since", undefined);
    return 0;
  }
  if (since === undefined) memory.set("since", now);
  return now - (since ?? now);
}
