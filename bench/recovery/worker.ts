import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "../peers/peer.ts";
import { workerProgram } from "../support/places.ts";

/** How the workers of a contest are. */
export interface WorkerKind {
  /** They touch a file all the time, for peers that look at it. */
  readonly beats?: boolean;
  /** They end by themselves, milliseconds after their start. */
  readonly live?: number;
}

/** A worker of bench/worker.cjs whose files lie in the folder. */
export function makeWorker(folder: string, id: string, { beats = false, live }: WorkerKind = {}): Worker {
  const pidFile = join(folder, `${id}.pid`);
  const beatFile = join(folder, `${id}.beat`);
  const beat = beats ? ["--beat", beatFile] : [];
  const end = live === undefined ? [] : ["--live", String(live)];
  const argv = [process.execPath, workerProgram, pidFile, ...beat, ...end] as const;
  return { id, argv: [...argv], pidFile, ...(beats ? { beatFile } : {}) };
}

/** The newest instance of a worker: who it is, and when (CLOCK_MONOTONIC, nanoseconds) it wrote that. */
export function instanceOf({ pidFile }: Worker): { pid: number; at: bigint } | undefined {
  const [pid, at, end] = linesOf(pidFile);
  // Without its last line end it is still being written.
  return pid && at && end === "" ? { pid: Number(pid), at: BigInt(at) } : undefined;
}

/** When each instance started so far. */
export function startsOf({ pidFile }: Worker): bigint[] {
  return linesOf(`${pidFile}.starts`).filter(Boolean).map(BigInt);
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}
