import type { Pause } from "../src/model/fleet.ts";
import type { Surroundings } from "../src/model/surroundings.ts";

/** The pause that holds for a target: the kill switch before a silence. */
export function pauseOf(
  pauses: readonly Pause[],
  target: string,
  now: number,
): Surroundings["paused"] | undefined {
  const on = pauses.filter((pause) => pause.until === undefined || pause.until > now);
  const pause = on.find((each) => each.target === undefined) ?? on.find((each) => each.target === target);
  if (pause === undefined) return undefined;
  return {
    scope: pause.target === undefined ? "everything" : "target",
    reason: pause.reason === "" ? pause.by : `${pause.by}: ${pause.reason}`,
    ...(pause.until === undefined ? {} : { until: pause.until }),
  };
}
