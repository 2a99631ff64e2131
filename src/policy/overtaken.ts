import type { Case } from "./case.ts";

/**
 * True when a remedy was applied since this look began. A look may take longer than a whole cure (its address did not answer, its decision
 * was beaten by another one); counted then, it would be trouble after a cure that worked. A time ahead of the clock says nothing: that was
 * set back since.
 */
export function isOvertaken({
  state: { lastApplication },
  observation,
  now,
}: Pick<Case, "state" | "observation" | "now">): boolean {
  return lastApplication !== undefined && lastApplication <= now && observation.at < lastApplication;
}

/** What such a look comes to: nothing. Whoever applied the remedy looks again. */
export const overtaken = {
  verdict: "wait",
  reason: "a remedy was applied since this look began: what it saw is of the past",
  steps: [],
  marks: [],
} as const;
