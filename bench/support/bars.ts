/** What a figure should be: at most, or at least, so much. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit?: string;
}

/**
 * Says of each bar what it is and whether it is `met` or `missed`. A figure that is not there (NaN) meets none; a limit that is not there is
 * `not measured`: whatever it is relative to did not take part.
 */
export function judge(...bars: readonly Bar[]): string {
  return bars
    .map(({ what, value, atMost, atLeast, unit = "" }) => {
      if (Number.isNaN(atMost ?? atLeast)) return `${what}: not measured`;
      const met =
        value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
      const limit = atMost === undefined ? `≥ ${round(atLeast)}` : `≤ ${round(atMost)}`;
      return `${what} ${limit}${unit}: ${met ? "met" : "missed"}`;
    })
    .join("; ");
}

function round(limit = 0): string {
  return limit.toLocaleString("en", { maximumFractionDigits: 1 });
}
