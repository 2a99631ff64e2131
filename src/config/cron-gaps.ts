import { createTask } from "node-cron";

const minute = 60_000;
const day = 1_440 * minute;
/** Every zone that puts its clocks forward does so within this time. */
const ahead = 400;

/** A night in which clocks are put forward: its date, and the first and the last moment that it does not have. */
interface Gap {
  readonly date: string;
  /** Times on the wall, as if they were UTC, in milliseconds; `to` is the first time that exists again. */
  readonly from: number;
  readonly to: number;
}

/**
 * The next day (`2027-03-28`) on which a cron pattern would have run only in the hour that is left out when the clocks of its zone
 * are put forward: node-cron skips it on that day. Undefined when there is none.
 *
 * @param pattern a valid one, with or without seconds
 * @param now milliseconds since the epoch
 */
export function skippedDay(pattern: string, timezone: string, now: number): string | undefined {
  const gap = nextGap(timezone, now);
  if (gap === undefined) return undefined;
  // Whether a minute is asked for does not depend on the seconds; and in UTC the pattern can be asked about times that the zone lacks.
  const task = createTask(pattern.trim().split(/\s+/).slice(-5).join(" "), () => undefined, {
    timezone: "UTC",
  });
  const midnight = Date.parse(gap.date);
  const wanted = Array.from({ length: day / minute }, (_, index) => midnight + index * minute).filter(
    (time) => task.match(new Date(time)),
  );
  void task.destroy();
  const isLost = wanted.length > 0 && wanted.every((time) => time >= gap.from && time < gap.to);
  return isLost ? gap.date : undefined;
}

function nextGap(timezone: string, now: number): Gap | undefined {
  const wallAt = wallClock(timezone);
  for (let time = now; time < now + ahead * day; time += day) {
    if (wallAt(time + day) - wallAt(time) <= day) continue;
    let [before, after] = [time, time + day];
    while (after - before > 1_000) {
      const middle = Math.floor((before + after) / 2);
      if (wallAt(middle) - middle > wallAt(time) - time) after = middle;
      else before = middle;
    }
    const to = Math.round(wallAt(after) / minute) * minute;
    const from = Math.round(wallAt(before) / minute) * minute;
    return { date: new Date(from).toISOString().slice(0, 10), from, to };
  }
  return undefined;
}

/** What the clocks of a zone show, as if they were UTC. */
function wallClock(timezone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  // The Swedish way of writing a time is that of ISO 8601, without its T.
  return (time) => Date.parse(`${format.format(time).replace(" ", "T")}Z`) + (time % 1_000);
}
