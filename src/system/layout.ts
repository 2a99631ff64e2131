import { join } from "node:path";
import { HealqError } from "../model/errors.ts";

/** The subfolders of `stateDir` that the process machinery uses. */
export const folders = ["pids", "intent", "logs"] as const;

/** Contract §3: what an id may look like; behind it the number of a copy, if it is not the first. */
const idPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?:@[1-9][0-9]{0,3})?$/;

/** The files of one process under `stateDir` (contract §7). */
export interface ProcessFiles {
  /** The pid alone, for scripts; only while it lives. */
  readonly pid: string;
  readonly record: string;
  readonly fifo: string;
  readonly intent: string;
}

/** Where a process' files are. Rejects an id that could lead out of the folder. */
export function processFiles(stateDir: string, id: string): ProcessFiles {
  if (!idPattern.test(id) || id.includes("..")) {
    throw new HealqError(
      "bad-id",
      `${JSON.stringify(id)} is not an id: letters, digits, _ . and -, at most 64`,
    );
  }
  return {
    pid: join(stateDir, "pids", `${id}.pid`),
    record: join(stateDir, "pids", `${id}.json`),
    fifo: join(stateDir, "pids", `${id}.fifo`),
    intent: join(stateDir, "intent", `${id}.json`),
  };
}

/** The folders that the records and the intents are in. */
export function recordFolders(stateDir: string): readonly string[] {
  return [join(stateDir, "pids"), join(stateDir, "intent")];
}

/** Where a process' output goes when its `log.path` does not say. */
export function defaultLogPath(stateDir: string, id: string): string {
  return join(stateDir, "logs", `${id}.log`);
}
