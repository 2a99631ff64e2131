/** The last moment that a Date can hold. */
const endOfTime = 8.64e15;

const day = 86_400_000;

/** A moment for a person, in UTC: `12:03:10Z`, with its date when it is a day away or more. */
export function atClock(time: number, now: number): string {
  if (!(Math.abs(time) <= endOfTime)) return "the end of time";
  const [date, clock] = new Date(time).toISOString().split("T");
  const short = `${clock?.slice(0, 8)}Z`;
  return Math.abs(time - now) < day ? short : `${date} ${short}`;
}

/** `1 failed heal`, `3 failed heals`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** Needs that are not met as the end of a sentence: `predictive_engine is critical` becomes `predictive_engine, which is critical`. */
export function namedNeeds(unmet: readonly string[]): string {
  return unmet.map((need) => need.replace(/^(\S+) (?=\S)/, "$1, which ")).join(" and ");
}
