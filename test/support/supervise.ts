/**
 * A program that plays healq for tests that kill it: opens the processes of a stateDir and does the steps given, one word
 * each: `start`, `stop`, `hold` (stay). Arguments: STATE_DIR, SPEC as JSON, steps. With DIE_BEFORE in its environment it
 * kills itself with -9 right before it renames a file to a path that ends in that text; `signal`: right before the first signal.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { ProcessSpec } from "../../src/model/process.ts";
import { makeTarget } from "./target.ts";

const dieBefore = process.env.DIE_BEFORE;
if (dieBefore !== undefined) {
  const rename = fs.renameSync;
  fs.renameSync = (from, to) => {
    if (String(to).endsWith(dieBefore)) process.kill(process.pid, "SIGKILL");
    rename(from, to);
  };
  syncBuiltinESMExports();
}

if (dieBefore === "signal") {
  const kill = process.kill.bind(process);
  // A question (signal 0) is no signal.
  process.kill = (pid, signal) => kill(signal === 0 ? pid : process.pid, signal === 0 ? 0 : "SIGKILL");
}

const { openProcesses } = await import("../../src/system/processes.ts");
const [stateDir = "", json = "", ...steps] = process.argv.slice(2);
// The test that starts this program made it.
const spec = JSON.parse(json) as ProcessSpec;
const processes = openProcesses({
  stateDir,
  specOf: () => spec,
  clock: { now: () => Date.now() },
  log: console.error,
});
const target = makeTarget(spec.id, spec);
for (const step of steps) {
  if (step === "start") console.log("started", (await processes.start(target)).pid);
  if (step === "stop") console.log("stopped", (await processes.stop(target, "heal")).pid);
  if (step === "hold") setInterval(() => undefined, 1_000);
}
