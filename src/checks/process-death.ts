import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import { describeExit, type ExitInfo, type ProcessState } from "../model/process.ts";
import { readStat } from "../system/procfs.ts";
import type { ProcessFields } from "./process-fields.ts";
import type { Gone } from "./process-locate.ts";
import { defaultStop } from "./process-spec.ts";

/** How long the supervisor may take to write down how a process ended, in milliseconds. It takes a few. */
const recordedWithin = 2_000;

/** How long a restart may take beyond the patience of its stop, in milliseconds. One that takes longer has come to nothing. */
const restartedWithin = 5_000;

/** The look at a process that does not live. */
export function deathLook(spec: ProcessFields, gone: Gone, context: CheckContext): Look {
  const { record } = gone;
  if (record.waitsFor !== undefined) return starting(`waits for its needs: ${record.waitsFor}`);
  if (isBeingRestarted(spec, gone, context)) return starting("is being restarted");
  if (record.stoppedByPerson === true)
    return dead(gone, { state: "stopped", message: "stopped by a person" });
  if (record.calledOff === true)
    return dead(gone, { state: "crashed", message: "stopped for a restart that was called off" });
  if (record.startError !== undefined)
    return dead(gone, { state: "failed", message: `did not start: ${record.startError}` });
  if (gone.soughtBy !== undefined) return soughtInVain(gone, gone.soughtBy);
  if (record.backgrounded === true) {
    const message = "it put itself in the background; run it in the foreground, without its daemon option";
    return dead(gone, { state: "crashed", message });
  }
  if (gone.exit === undefined && record.identity === undefined) return dead(gone, { message: "not running" });
  return afterExit(spec, gone, context);
}

function isBeingRestarted(spec: ProcessFields, { record }: Gone, context: CheckContext): boolean {
  if (record.restartingSince === undefined) return false;
  const age = context.now() - record.restartingSince;
  const patience =
    spec.stop === undefined || Array.isArray(spec.stop) ? defaultStop.timeout : spec.stop.timeout;
  return age >= 0 && age < patience + restartedWithin;
}

function afterExit(spec: ProcessFields, gone: Gone, context: CheckContext): Look {
  const always = (spec.restart ?? "always") === "always";
  if (!always && gone.exit === undefined && mayStillBeRecorded(gone, context)) {
    return { ...starting("it has just ended; how is not written down yet"), state: "exited" };
  }
  if (!always && isSuccess(gone.exit, spec.exitCodes ?? [0])) {
    const message = `finished with code ${gone.exit?.code}`;
    return { status: "ok", findings: [], metrics: {}, message, state: "exited", verified: true };
  }
  // The commonest mistake with a job that does its work and ends: it is not ill, it is only not to be kept running.
  // Told only once its exit is written down: until then it may have put itself in the background.
  const isKnown = gone.record.exit !== undefined;
  const hint =
    always && isKnown && gone.exit?.code === 0 ? "; if it may end, give it `restart: on-failure`" : "";
  return dead(gone, { state: "crashed", message: `dead: ${describeExit(gone.exit)}${hint}` });
}

/**
 * A process that may end is not dead before its exit is known: a look in the milliseconds between would start a finished
 * job again. When nobody writes it down in time, it counts as a failure (contract §3.2).
 */
function mayStillBeRecorded(gone: Gone, context: CheckContext): boolean {
  const who = gone.record.identity;
  // Only this function writes the entry.
  const seen = context.memory.get("gone") as { startTime: number | undefined; at: number } | undefined;
  const now = performance.now();
  if (seen?.startTime === who?.startTime && seen !== undefined) return now - seen.at < recordedWithin;
  context.memory.set("gone", { startTime: who?.startTime, at: now });
  return true;
}

function isSuccess(exit: ExitInfo | undefined, exitCodes: readonly number[]): boolean {
  return exit !== undefined && !exit.unknown && exit.code !== null && exitCodes.includes(exit.code);
}

function soughtInVain(gone: Gone, soughtBy: string): Look {
  if (gone.zombie === undefined) return dead(gone, { state: "crashed", message: `not running: ${soughtBy}` });
  const { pid, parent } = gone.zombie;
  const name = readStat(parent)?.name;
  const who = name === undefined ? `pid ${parent}` : `pid ${parent} (${plain(name)})`;
  const message = `dead: pid ${pid} is a zombie until its parent, ${who}, waits for it`;
  return dead(gone, { symptom: "process.zombie", state: "crashed", message });
}

function dead(gone: Gone, what: { symptom?: string; state?: ProcessState; message: string }): Look {
  const { exit, zombie } = gone;
  const finding: Finding = {
    symptom: what.symptom ?? "process.dead",
    severity: "critical",
    fact: true,
    message: what.message,
    evidence: {
      ...(gone.record.identity !== undefined && { pid: gone.record.identity.pid }),
      ...(exit !== undefined && { exit: describeExit(exit), exitCode: exit.code, signal: exit.signal }),
      ...(zombie !== undefined && { zombie: zombie.pid, parent: zombie.parent }),
    },
  };
  const look: Look = {
    status: "critical",
    findings: [finding],
    metrics: {},
    message: what.message,
    verified: false,
  };
  return what.state === undefined ? look : { ...look, state: what.state };
}

function starting(message: string): Look {
  return { status: "unknown", findings: [], metrics: {}, message, state: "starting", verified: false };
}
