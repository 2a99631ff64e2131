import type { Course, Observed } from "./observed.ts";
import type { Scenario } from "./scenario.ts";
import { brokenVersion } from "./scenarios.ts";
import { readStatus } from "./status.ts";
import type { Theatre } from "./theatre.ts";
import { type Patient, type Sighting, targets, type World } from "./world.ts";

/** Sees the world before a scenario and after it. */
export interface Witness {
  /** As it was before. */
  before(target: Patient): Sighting;
  /** All that is to be seen now; `brokenAt` in milliseconds since the epoch, `backs` when each patient was seen to be back. */
  testify(told: {
    readonly brokenAt: number;
    readonly backs: ReadonlyMap<Patient, number | undefined>;
    readonly troubles: readonly string[];
  }): Promise<Observed>;
}

/** Looks at all targets: at the patients of a scenario, and at those that must be left alone. */
export async function makeWitness({ patients }: Scenario, theatre: Theatre): Promise<Witness> {
  const { stage, stateDir, story } = theatre;
  const { world } = stage;
  const first = await sightings(world);
  const counted = counts(world);
  return {
    before: (target) => first.get(target) ?? {},
    testify: async ({ brokenAt, backs, troubles }) => {
      const last = await sightings(world);
      const status = readStatus(stateDir);
      const course = (target: Patient): Course => ({
        target,
        before: first.get(target) ?? {},
        after: last.get(target) ?? {},
        backAt: backs.get(target),
        phase: status[target]?.phase,
        entries: story.since(brokenAt, target),
      });
      return {
        brokenAt,
        troubles,
        patients: patients.map(course),
        others: targets.filter((target) => !patients.includes(target)).map(course),
        brokenStarts: counts(world).starts - counted.starts,
        calls: world.lines("called.txt").slice(counted.calls),
      };
    },
  };
}

async function sightings(world: World): Promise<Map<Patient, Sighting>> {
  return new Map(
    await Promise.all(targets.map(async (target) => [target, await world.look(target)] as const)),
  );
}

/** How often the broken version was started, and people were called, since the demo began. */
function counts(world: World): { starts: number; calls: number } {
  const starts = world.lines(".healq/logs/signals.log").filter((line) => line.includes(brokenVersion));
  return { starts: starts.length, calls: world.lines("called.txt").length };
}
