/** The furthest moment from the epoch that a Date can hold, in milliseconds. */
const furthest = 8.64e15;

/** A moment as JSON has it: ISO 8601 in UTC with milliseconds; null when there was none. What no Date can hold is the nearest one. */
export function iso(ms: number): string;
export function iso(ms: number | undefined): string | null;
export function iso(ms: number | undefined): string | null {
  if (ms === undefined) return null;
  const held = Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, -furthest), furthest);
  return new Date(held).toISOString();
}

const steps = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** How long ago, in one unit, for a narrow column: `12s`, `47m`, `3h`, `9d`; `now` below a second and for the future. */
export function age(ms: number): string {
  for (const [unit, name] of steps) if (ms >= unit) return `${Math.floor(ms / unit)}${name}`;
  return "now";
}

/** A moment for a person's table: `01:00:02` when it is of the same UTC day as `now`, else `2026-11-21 23:59:58`. */
export function clockTime(at: number, now: number): string {
  const text = iso(at);
  const day = text.slice(0, 10);
  const time = text.slice(11, 19);
  return day === iso(now).slice(0, 10) ? time : `${day} ${time}`;
}
