import { skippedDay } from "../config/cron-gaps.ts";
import type { Target } from "../model/target.ts";

/** What is to be said of `cron:` schedules that the change of clocks leaves without a look, one line a target. `now` in milliseconds. */
export function scheduleWarnings(targets: Iterable<Target>, now: number): string[] {
  const known = new Map<string, string | undefined>();
  const skipped = (cron: string, timezone: string) => {
    const key = `${timezone} ${cron}`;
    if (!known.has(key)) known.set(key, skippedDay(cron, timezone, now));
    return known.get(key);
  };
  return [...targets].flatMap(({ id, schedule }) => {
    if (!("cron" in schedule)) return [];
    const date = skipped(schedule.cron, schedule.timezone);
    if (date === undefined) return [];
    const why = `no look on ${date}, when the clocks of ${schedule.timezone} leave that hour out`;
    return [`targets.${id}.cron: ${why}; choose another hour, or \`timezone: UTC\``];
  });
}
