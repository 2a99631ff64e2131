/** 2^53 times any delay is longer than every maximum; beyond it the power would grow to infinity. */
const largestExponent = 53;

/**
 * How long to wait, in whole milliseconds, after so many failures in a row.
 *
 * Level 0 waits not at all: the first cure comes at once. Level n waits `d = min(max, delay · 2^(n−1))`, spread uniformly
 * over `[(1 − jitter) · d, d]`, the same formula that BullMQ uses, so that what failed together does not come back together.
 *
 * @param random gives a number from 0 to 1
 */
export function nextDelay(
  backoff: { readonly delay: number; readonly max: number; readonly jitter: number },
  level: number,
  random: () => number,
): number {
  if (level <= 0) return 0;
  const full = Math.min(backoff.max, backoff.delay * 2 ** Math.min(level - 1, largestExponent));
  return Math.round(full * (1 - backoff.jitter * random()));
}
