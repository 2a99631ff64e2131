import { HealqError, messageOf } from "../../src/model/errors.ts";
import { judge } from "./judge.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import { isCalm } from "./status.ts";
import type { Played } from "./summary.ts";
import type { Theatre } from "./theatre.ts";
import { shownTime } from "./timeline.ts";
import { patience, until } from "./until.ts";

/** Starts healq, and waits until all is well; rejects when it does not come to that. */
export async function begin(theatre: Theatre): Promise<void> {
  const { stage, story, stateDir, timeline, signal } = theatre;
  timeline.add({ at: Date.now(), text: "healq up --detach" });
  const up = await stage.healq.run("up", "--detach");
  if (up.code !== 0)
    throw new HealqError("demo", `healq up exited with ${up.code}: ${up.stderr.trim() || up.stdout.trim()}`);
  stage.healq.follow(story.add, (why) => theatre.stop(new HealqError("demo", why)));
  const isReady = () => (isCalm(stateDir, []) && story.since(0).length > 0) || undefined;
  if ((await until(isReady, { signal })) === undefined)
    throw new HealqError("demo", `not everything was well within ${shownTime(patience)} of \`healq up\``);
  timeline.add({ at: Date.now(), target: "healq", word: "well", text: "all that it watches", tone: "good" });
}

/**
 * Plays the scenarios one after the other, each when all is well again; calls back with each. When it does not come to that,
 * the rest is not played: what is broken already would be taken for what they break.
 */
export async function perform(
  scenarios: readonly Scenario[],
  theatre: Theatre,
  done: (played: Played) => void,
): Promise<void> {
  let before: Played | undefined;
  for (const scenario of scenarios) {
    const why = await hindrance(scenario, theatre, before);
    before = why === undefined ? await playOne(scenario, theatre) : notPlayed(scenario, why);
    done(before);
  }
}

/** Why a scenario cannot be played after the one before; waits until all is well. */
async function hindrance(
  scenario: Scenario,
  { stateDir, signal }: Theatre,
  before: Played | undefined,
): Promise<string | undefined> {
  if (before !== undefined && before.observed === undefined) return "neither was the one before";
  if (scenario.goesOn)
    return before?.complaints.length === 0 ? undefined : "it begins where the one before did not end";
  const { patients, expect } = scenario;
  const next = patients.concat(expect.end === "healed" ? (expect.through ?? []) : []);
  const isReady = await until(() => isCalm(stateDir, next) || undefined, { signal });
  return isReady ? undefined : `not everything was well within ${shownTime(patience)} after the one before`;
}

async function playOne(scenario: Scenario, theatre: Theatre): Promise<Played> {
  try {
    const observed = await play(scenario, theatre);
    return { scenario, observed, complaints: judge(scenario, observed) };
  } catch (error) {
    theatre.signal.throwIfAborted();
    return notPlayed(scenario, messageOf(error));
  }
}

function notPlayed(scenario: Scenario, why: string): Played {
  return { scenario, complaints: [`not played: ${why}`] };
}
