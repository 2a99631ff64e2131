/** Milliseconds of each unit a duration may be written in. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How a duration is written: `500ms`, `10s`, `5m`, `1.5h`, `7d`. */
export const durationPattern = /^(\d{1,15}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** The longest duration that is accepted, in milliseconds: ten years. */
const longestDuration = 3_650 * 86_400_000;

/** Reads `500ms`, `10s`, `5m`, `2h`, `7d` as whole milliseconds; undefined for anything else, and for more than ten years. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  const factor = units[unit ?? ""];
  if (amount === undefined || factor === undefined) return undefined;
  const ms = Math.round(Number(amount) * factor);
  return ms <= longestDuration ? ms : undefined;
}

/** For people, in at most two units: `4 ms`, `1.3 s`, `5m`, `2h 10m`, `3d`. A negative one has a minus in front. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return inTwo([seconds, 60, "m", "s"]);
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return inTwo([minutes, 60, "h", "m"]);
  return inTwo([Math.round(ms / 3_600_000), 24, "d", "h"]);
}

/** `amount` small units as large and small ones; the small ones are left out when there are none. */
function inTwo([amount, perLarge, large, small]: readonly [number, number, string, string]): string {
  const rest = amount % perLarge;
  const head = `${Math.floor(amount / perLarge)}${large}`;
  return rest === 0 ? head : `${head} ${rest}${small}`;
}
