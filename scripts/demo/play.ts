import { messageOf } from "../../src/model/errors.ts";
import { untilEnded } from "./ending.ts";
import type { Observed } from "./observed.ts";
import type { Scenario } from "./scenario.ts";
import { makeTeller } from "./tell.ts";
import type { Theatre } from "./theatre.ts";
import { until } from "./until.ts";
import { makeWitness, type Witness } from "./witness.ts";
import type { Patient } from "./world.ts";

/** Breaks what the scenario breaks, shows what happens, and waits for its end; gives all that was seen, well or not. */
export async function play(scenario: Scenario, theatre: Theatre): Promise<Observed> {
  const { stage, timeline } = theatre;
  const witness = await makeWitness(scenario, theatre);
  const brokenAt = Date.now();
  const { said, alongside = Promise.resolve() } = await scenario.break(stage);
  timeline.add({ at: brokenAt, text: `${scenario.name}: ${said}` });
  const beside = alongside.then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
  const silence = tell(theatre, brokenAt);
  try {
    const watching = scenario.expect.end === "healed" ? scenario.patients : [];
    const [late, ...backs] = await Promise.all([
      untilEnded(scenario, theatre, brokenAt),
      ...watching.map((target) => untilBack(target, { theatre, witness, brokenAt })),
    ]);
    const troubles = [...late, ...(await beside)];
    return await witness.testify({ brokenAt, troubles, backs: new Map(backs) });
  } finally {
    silence();
  }
}

/** Shows on the timeline what the audit tells from then on; returns what ends it. */
function tell({ story, timeline }: Theatre, since: number): () => void {
  const teller = makeTeller();
  return story.listen(since, (entry) => {
    const line = teller(entry);
    if (line === undefined || entry.target === null) return;
    timeline.add({ at: Date.parse(entry.at), target: entry.target, since, ...line });
  });
}

/** Looks at the world until a patient is there again, and says so; gives when that was. */
async function untilBack(
  target: Patient,
  parts: { readonly theatre: Theatre; readonly witness: Witness; readonly brokenAt: number },
): Promise<[Patient, number | undefined]> {
  const { theatre, witness, brokenAt: since } = parts;
  const before = witness.before(target);
  const text = await until(() => theatre.stage.world.back(target, before), theatre);
  if (text === undefined) return [target, undefined];
  const at = Date.now();
  theatre.timeline.add({ at, target, word: "back", text, tone: "good", since });
  return [target, at];
}
