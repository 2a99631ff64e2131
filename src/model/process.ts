/** What a process target shows beside status and phase (contract §3.2). */
export type ProcessState = (typeof processStates)[number];

/** All process states, for schemas. */
export const processStates = [
  "starting",
  "running",
  "unhealthy",
  "crashed",
  "failed",
  "exited",
  "stopped",
  "max_restarts",
] as const;

/**
 * Who a process is: never the pid alone, never a name.
 * Source: proc(5); `startTime` is field 22 of /proc/PID/stat, in clock ticks since boot.
 */
export interface Identity {
  readonly pid: number;
  readonly startTime: number;
  readonly bootId: string;
}

/** How a process ended. `unknown`: nobody who was allowed to wait for it told us. */
export interface ExitInfo {
  readonly code: number | null;
  readonly signal: string | null;
  readonly unknown: boolean;
  /** When it was noticed, in milliseconds since the epoch. */
  readonly at: number;
}

/** Everything needed to start a process; all paths absolute, all durations in milliseconds. */
export interface ProcessSpec {
  readonly id: string;
  /** Program and arguments; never a shell string. */
  readonly run: readonly [string, ...string[]];
  readonly cwd: string;
  /** Added to healq's own environment, less everything of healq's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly user?: string;
  readonly nice?: number;
  /** Octal digits, e.g. "027". */
  readonly umask?: string;
  readonly stop: { readonly signal: NodeJS.Signals; readonly timeout: number };
  readonly startGrace: number;
  readonly stableFor: number;
  readonly log: { readonly path: string; readonly maxSize: number; readonly keep: number };
  readonly restart: "always" | "on-failure" | "never";
  readonly exitCodes: readonly number[];
  /** Where a person can attach to it; absent for a process without a terminal. */
  readonly console?: "tmux";
  /** How many copies are kept running; absent for one that was not asked to be counted. */
  readonly instances?: number;
}

/** What is known on disk about a process healq starts (`pids/ID.json`, `intent/ID.json`). */
export interface ProcessRecord {
  readonly identity?: Identity;
  /** When healq started it, in milliseconds since the epoch. */
  readonly startedAt?: number;
  /** How the last one ended, if that was seen. */
  readonly exit?: ExitInfo;
  /** Why its last start failed before there was a process (command not found, cwd missing …). */
  readonly startError?: string;
  /** It has never been started in this run of healq because it waits for this (its needs). */
  readonly waitsFor?: string;
  /** healq is between stopping and starting it, since then (milliseconds since the epoch): it does not run, and is no fault. */
  readonly restartingSince?: number;
  /** It was stopped for a restart whose second half was called off. */
  readonly calledOff?: boolean;
  /** A stop by a person or by `down --workers` ended it. */
  readonly stoppedByPerson?: boolean;
  /** Its leader ended by itself with code 0 and left processes running: it put itself in the background. */
  readonly backgrounded?: boolean;
}

/** "killed by SIGKILL", "exited with code 3", "exit unknown". */
export function describeExit(exit: ExitInfo | undefined): string {
  if (exit === undefined || exit.unknown) return "exit unknown";
  if (exit.signal !== null) return `killed by ${exit.signal}`;
  return `exited with code ${exit.code}`;
}

/** "pid 4242 ended by SIGTERM", "pids 4242, 4243 ended by SIGTERM". */
export function describeStopped({
  pid,
  signal,
  others = [],
}: {
  readonly pid: number | null;
  readonly signal: string | null;
  readonly others?: readonly number[];
}): string {
  return `${others.length > 0 ? "pids" : "pid"} ${[pid, ...others].join(", ")} ended by ${signal}`;
}
