import { setTimeout as sleep } from "node:timers/promises";
import { processSpecsOf } from "../src/checks/process-spec.ts";
import type { Config } from "../src/model/config.ts";
import type { Log } from "../src/model/log.ts";
import { type RotateOptions, rotate } from "../src/system/rotate.ts";
import { runTargets } from "./supervisor.ts";

/** A log that floods is cut again every so often, for so long after the second began (milliseconds): the next second is near then. */
const roundPause = 100;
const roundsFor = 750;

interface LogFile extends RotateOptions {
  readonly path: string;
  /** Whose it is, for people. */
  readonly of: string;
}

/**
 * Cuts the logs of the processes, and healq's own, that have grown too long; to be called once a second. A program that writes
 * hundreds of megabytes in a second is told of in healq's log when it begins, and its log is cut within the second too:
 * then nothing of it is kept, so that the parts still hold what was before.
 */
export function createLogRotation(
  config: Config,
  { healqLog, log }: { healqLog: string; log: Log },
): () => Promise<void> {
  const files = logFilesOf(config, healqLog);
  const flooding = new Set<LogFile>();
  const troubled = new Map<LogFile, string>();
  /** Said when it begins, and again only after it was over. */
  const tell = (file: LogFile, problem: string | undefined) => {
    if (problem === undefined) troubled.delete(file);
    else if (troubled.get(file) !== problem) log.warn({}, problem);
    if (problem !== undefined) troubled.set(file, problem);
  };
  return async () => {
    const end = performance.now() + roundsFor;
    for (const file of files) {
      const { problem, dropped } = await rotate(file.path, file);
      tell(file, problem);
      if (dropped === undefined || flooding.has(file)) continue;
      flooding.add(file);
      const text = `${file.of} writes faster than its log is kept: parts of ${file.path} are dropped (log.maxSize, log.keep)`;
      log.warn({}, text);
    }
    const ebbing = new Set(flooding);
    while (flooding.size > 0 && performance.now() < end) {
      await sleep(roundPause);
      for (const file of flooding) {
        const { rotated } = await rotate(file.path, { maxSize: file.maxSize, keep: 0 });
        if (rotated) ebbing.delete(file);
      }
    }
    for (const file of ebbing) flooding.delete(file);
  };
}

function logFilesOf(config: Config, healqLog: string): LogFile[] {
  const files: LogFile[] = [{ path: healqLog, of: "healq", maxSize: 10 * 1024 * 1024, keep: 5 }];
  for (const target of runTargets(config)) {
    for (const { id, log } of processSpecsOf(target, config.stateDir)) files.push({ of: id, ...log });
  }
  return files;
}
