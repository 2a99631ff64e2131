import { closeSync, openSync, readFileSync } from "node:fs";
import type { CheckMemory } from "../model/ports.ts";
import type { Identity } from "../model/process.ts";
import { bootId, type ProcStat, readOpenStat, sameIdentity, statOf } from "./procfs.ts";

/** /proc/PID/stat of one process, held open. */
interface StatFile {
  readonly identity: Identity;
  read(): ProcStat | undefined;
  close(): void;
}

/** How many are held open now, by all targets of this process. */
let held = 0;
let most: number | undefined;

/**
 * As `statOf`, of a process that is looked at again and again: its file is kept open in the memory of the target, which takes half the time.
 * What is read there is always of the very process that it was opened for: once that is gone it says so (`ESRCH`), whoever has its pid.
 */
export function watchedStatOf(identity: Identity, memory: CheckMemory): ProcStat | undefined {
  // Only this function writes the entry.
  const kept = memory.get("stat file") as StatFile | undefined;
  if (kept !== undefined && sameIdentity(kept.identity, identity)) return kept.read();
  const stat = statOf(identity);
  const file = stat === undefined ? undefined : openStatFile(identity);
  // Another one may have got the pid between the two.
  if (file?.read()?.startTime === identity.startTime) memory.set("stat file", file);
  else file?.close();
  return stat;
}

function openStatFile(identity: Identity): StatFile | undefined {
  most ??= aQuarterOfAllowed();
  if (held >= most || identity.bootId !== bootId()) return undefined;
  let file: number | undefined = openQuietly(`/proc/${identity.pid}/stat`);
  if (file === undefined) return undefined;
  held += 1;
  const close = (): void => {
    if (file === undefined) return;
    closeSync(file);
    file = undefined;
    held -= 1;
  };
  const read = (): ProcStat | undefined => {
    try {
      return file === undefined ? undefined : readOpenStat(file);
    } catch {
      close();
      return undefined;
    }
  };
  return { identity, read, close };
}

function openQuietly(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

/** The rest is for connections, logs and what healq starts. Source: proc_pid_limits(5). */
function aQuarterOfAllowed(): number {
  const allowed = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
  return Math.floor(Number(allowed ?? 0) / 4);
}
