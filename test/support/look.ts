import { onTestFinished } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker } from "../../src/look/looker.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { CallView, ProcessView } from "../../src/model/ports.ts";
import type { Target } from "../../src/model/target.ts";
import { makeTarget } from "./target.ts";

/** Nothing was ever started. */
export const noProcesses: ProcessView = { read: () => ({}), copies: () => new Map() };

/** A target of a real kind, its fields given as in the config file. */
export function targetOf(kind: string, written: object, more: Partial<Target> = {}): Target {
  const spec = kindOf(kind)?.schema.parse(written);
  return makeTarget<unknown>(more.id ?? "it", spec, { kind, ...more });
}

/** Something that looks at targets with the real kinds; closed when the current test ends. */
export function makeEye(
  processes: ProcessView = noProcesses,
  more: { calls?: CallView } = {},
): (target: Target) => Promise<Observation> {
  const looker = createLooker({ kindOf, processes, clock: systemClock, ...more });
  onTestFinished(() => looker.close());
  return async (target) => {
    const seen: Observation[] = [];
    await looker.look([target], (observation) => seen.push(observation));
    const [observation] = seen;
    if (observation === undefined) throw new Error("the target was skipped");
    return observation;
  };
}
