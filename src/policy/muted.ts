import type { Hindrance } from "../model/decision.ts";
import type { Phase } from "../model/phase.ts";
import type { Surroundings } from "../model/surroundings.ts";
import { atClock } from "./words.ts";

/** Something that keeps a heal from being done, said for a person. */
export interface Hold {
  readonly by: Hindrance;
  readonly reason: string;
  /** A look at this time is worth while; milliseconds since the epoch. */
  readonly until?: number;
}

/** A person's word that nothing is to be healed: the wish `stopped`, the kill switch or a silence. Nothing overrides it. */
export function mutedBy(
  { stopped, paused }: Surroundings,
  now: number,
): (Hold & { readonly phase: Phase }) | undefined {
  if (stopped) {
    return { by: "stopped", phase: "stopped", reason: "not healed: a person wants it stopped" };
  }
  if (paused === undefined) return undefined;
  const what = paused.scope === "everything" ? "healing is paused everywhere" : "the target is silenced";
  const why = paused.reason === "" ? "" : ` (${paused.reason})`;
  const end = paused.until === undefined ? "" : ` until ${atClock(paused.until, now)}`;
  return {
    by: "silence",
    phase: "silenced",
    reason: `not healed: ${what}${why}${end}`,
    ...(paused.until !== undefined && { until: paused.until }),
  };
}
