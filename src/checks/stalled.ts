import { join } from "node:path";
import type { Host } from "../system/host.ts";
import { readPressure, type Stalls } from "../system/pressure.ts";

/** What the pressure on the machine, or on a control group with a limit, comes to. */
export interface Stalled extends Stalls {
  /** The lower of both averages: a moment's pressure is in the first only, one that is over in the second only. */
  readonly lasting: number;
}

/** What is asked. */
interface Asked {
  readonly of: "memory" | "cpu";
  /** Some of the tasks waited, or all that had work. */
  readonly line: "some" | "full";
  /** Control groups with a limit: what waits in them may be at ease on the machine as a whole. */
  readonly groups: readonly string[];
}

/** The worst pressure of the machine and those groups; undefined where the kernel has no PSI. */
export function stalledFor({ of, line, groups }: Asked, host: Host): Stalled | undefined {
  const files = [join(host.proc, "pressure", of), ...groups.map((group) => join(group, `${of}.pressure`))];
  let worst: Stalled | undefined;
  for (const file of files) {
    const stalls = readPressure(file)?.[line];
    if (stalls === undefined) continue;
    const lasting = Math.min(stalls.avg10, stalls.avg60);
    if (worst === undefined || lasting > worst.lasting) worst = { ...stalls, lasting };
  }
  return worst;
}

/** `12%`. */
export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10}%`;
}
