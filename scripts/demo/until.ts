import { setTimeout as pause } from "node:timers/promises";

/** Between two looks, in milliseconds: what is measured is known as exactly as this. */
const every = 5;
/** Nothing in the demo takes longer on a machine that is merely slow, in milliseconds. */
export const patience = 60_000;

/**
 * Looks until the condition gives something, and gives that; undefined when it never did within `within` milliseconds
 * (default: the demo's patience). Rejects with the reason when `signal` aborts.
 */
export async function until<T>(
  condition: () => T | undefined | Promise<T | undefined>,
  options: { readonly signal: AbortSignal; readonly within?: number; readonly every?: number },
): Promise<T | undefined> {
  const deadline = performance.now() + (options.within ?? patience);
  for (;;) {
    options.signal.throwIfAborted();
    const result = await condition();
    if (result !== undefined) return result;
    if (performance.now() > deadline) return undefined;
    await pause(options.every ?? every);
  }
}
