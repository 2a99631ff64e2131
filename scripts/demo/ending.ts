import type { Scenario } from "./scenario.ts";
import { readStatus, statusOf } from "./status.ts";
import type { Theatre } from "./theatre.ts";
import { shownTime } from "./timeline.ts";
import { patience, until } from "./until.ts";
import type { Patient } from "./world.ts";

/** What healq leaves alone is watched until healq has looked at it for so long, in milliseconds: two looks or more. */
const watched = 2_500;

/** Waits for the end that a scenario expects; gives what did not come in time, a sentence each. */
export async function untilEnded(scenario: Scenario, theatre: Theatre, since: number): Promise<string[]> {
  const late: string[] = [];
  const inTime = async (what: string, isSo: () => boolean): Promise<boolean> => {
    const came = await until(() => isSo() || undefined, theatre);
    if (came === undefined) late.push(`${what} did not come within ${shownTime(patience)}`);
    return came !== undefined;
  };
  const { stage, story, stateDir } = theatre;
  const told = (target: Patient, event: string) => {
    const isTold = () => story.since(since, target).some((entry) => entry.event === event);
    return inTime(`${event} of ${target}`, isTold);
  };
  const called = (target: Patient) =>
    inTime(`the call about giving up ${target}`, () =>
      stage.world.lines("called.txt").includes(`incident.gave-up ${target}`),
    );
  const blocked = (target: Patient) =>
    inTime(`the phase blocked of ${target}`, () => readStatus(stateDir)[target]?.phase === "blocked");
  const ends = scenario.patients.map(async (target) => {
    const { end } = scenario.expect;
    if (end === "healed") return told(target, "incident.resolved");
    const isThere =
      end === "gave-up"
        ? (await told(target, "incident.gave-up")) && (await called(target))
        : await blocked(target);
    if (isThere) await leftAlone(target, theatre, since);
  });
  await Promise.all(ends);
  return late;
}

/** Watches a target that is to be left alone, and tells how it stands. What was done to it meanwhile the audit tells. */
async function leftAlone(target: Patient, theatre: Theatre, since: number): Promise<void> {
  const from = Date.now();
  const view = await until(async () => {
    const now = await statusOf(theatre.stage.healq, target);
    return Date.parse(now?.lastCheck ?? "") >= from + watched ? now : undefined;
  }, theatre);
  // The first part is what was seen, the rest why nothing is done about it.
  const why = view?.message.replace(/^.*?; /, "");
  const text = why === undefined ? "healq did not look at it any more" : `alone: ${why}`;
  theatre.timeline.add({ at: Date.now(), target, word: "left", text, tone: "uneasy", since });
}
