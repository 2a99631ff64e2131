import { rmSync } from "node:fs";
import { openTerminal } from "../../src/cli/terminal.ts";
import { exitCodes, HealqError, messageOf } from "../../src/model/errors.ts";
import { type Healq, openHealq } from "./healq.ts";
import { Interrupted, stopAtSignals } from "./interrupted.ts";
import { begin, perform } from "./perform.ts";
import type { Stage } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { makeScratch, type Scratch } from "./scratch.ts";
import { makeStory } from "./story.ts";
import { exitCodeOf, type Played, summary } from "./summary.ts";
import type { Theatre } from "./theatre.ts";
import { openTimeline } from "./timeline.ts";
import { openWorld } from "./world.ts";

// `npm run demo`: breaks a copy of the example in many ways, shows how healq heals it, and checks that it did. Exits with 0
// when all went as it should, 1 when not (the folder is kept then), 128 and the signal when it was interrupted.

const terminal = openTerminal();

function makeStage(scratch: Scratch): Stage {
  const world = openWorld(scratch);
  return {
    world,
    healq: openHealq(scratch),
    urls: scratch.urls,
    kill: (target, signal) => {
      const pid = world.pidOf(target);
      if (pid === null) throw new HealqError("demo", `${target} does not run, so it cannot be broken`);
      process.kill(pid, signal);
      return `kill ${signal === "SIGKILL" ? "-9" : "-STOP"} ${pid}`;
    },
  };
}

/** Stops healq and all that it started. Gives what went wrong. */
async function end(healq: Healq): Promise<string[]> {
  await healq.unfollow();
  const { code, stderr } = await healq.run("down", "--workers");
  return code === 0 ? [] : [`healq down --workers exited with ${code}: ${stderr.trim()}`];
}

async function demo(scratch: Scratch, theatre: Theatre): Promise<number> {
  const played: Played[] = [];
  const failures: string[] = [];
  let code: number = exitCodes.bad;
  try {
    await begin(theatre);
    await perform(scenarios, theatre, (one) => played.push(one));
    code = exitCodeOf(played);
  } catch (error) {
    if (error instanceof Interrupted) code = error.exitCode;
    failures.push(messageOf(error));
  } finally {
    failures.push(...(await end(theatre.stage.healq)));
    theatre.timeline.close();
  }
  if (played.length > 0 && code <= exitCodes.bad) terminal.out(`\n${summary(played, terminal.style())}`);
  for (const failure of failures) terminal.note(`healq demo: ${failure}`);
  if (failures.length > 0 && code === exitCodes.ok) code = exitCodes.bad;
  if (code === exitCodes.bad) terminal.note(`kept for you to look at: ${scratch.folder}`);
  else rmSync(scratch.folder, { recursive: true, force: true });
  return code;
}

const ending = new AbortController();
const stop = (why: Error): void => ending.abort(why);
stopAtSignals(stop);
const scratch = await makeScratch();
terminal.out(
  `A copy of examples/pipeline in ${scratch.folder} is broken in ${scenarios.length} ways; + counts from the break.\n`,
);
process.exitCode = await demo(scratch, {
  stage: makeStage(scratch),
  stateDir: scratch.stateDir,
  story: makeStory(),
  timeline: openTimeline(terminal.out, terminal.style),
  signal: ending.signal,
  stop,
});
// Signals are listened to until the end.
process.exit();
