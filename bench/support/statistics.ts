/** The value that this share (0 to 1) of the values is not above, by the nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle one, the one that 95 of 100 do not exceed, and the largest. */
export function quantiles(values: readonly number[]): { median: number; p95: number; max: number } {
  return { median: quantile(values, 0.5), p95: quantile(values, 0.95), max: quantile(values, 1) };
}
