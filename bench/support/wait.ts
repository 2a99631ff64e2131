/** Milliseconds from now. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks every few milliseconds until the condition gives something; undefined when it has not `within` (milliseconds). */
export async function waitFor<T>(
  condition: () => T | undefined | Promise<T | undefined>,
  { within, every = 5 }: { within: number; every?: number },
): Promise<T | undefined> {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await condition();
    if (found !== undefined || performance.now() > deadline) return found;
    await pause(every);
  }
}

/** The same, for what has to happen; rejects with `what` did not. */
export async function need(
  condition: () => boolean | Promise<boolean>,
  { within, what }: { within: number; what: string },
): Promise<void> {
  const met = await waitFor(async () => ((await condition()) ? true : undefined), { within, every: 20 });
  if (met === undefined) throw new Error(`not within ${within / 1_000} s: ${what}`);
}
