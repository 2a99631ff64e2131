import { formatDuration } from "../lib/duration.ts";
import type { Pause } from "../model/fleet.ts";

/** A pause of one target. */
export type Silence = Pause & { readonly target: string };

/** The silences that are not over, by target; `now` in milliseconds since the epoch. */
export function silencesOf(pauses: readonly Pause[], now: number): Silence[] {
  return pauses
    .filter((pause): pause is Silence => pause.target !== undefined)
    .filter(({ until }) => until === undefined || until > now)
    .toSorted((a, b) => a.target.localeCompare(b.target));
}

/** Who paused, why, and for how much longer: ` by root: editing, for 10 m more`. */
export function pausedBy({ by, reason, until }: Pause, now: number): string {
  const why = reason === "" ? "" : `: ${reason}`;
  return ` by ${by}${why}${until === undefined ? "" : `, for ${formatDuration(until - now)} more`}`;
}
