/** How many times slower a machine may be than the one the deadlines were found on. */
const slowness = 3;

/** Polls until `condition` gives something truthy, and returns it; rejects with `what` when the deadline (default 5 s) has passed three times over. */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: { within?: number; every?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const within = slowness * (options.within ?? 5_000);
  const deadline = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (result) return result;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const why = last instanceof Error ? ` (${last.message})` : "";
      throw new Error(`not within ${within} ms: ${options.what ?? condition.toString()}${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, options.every ?? 15));
  }
}
