import type { ProcessRecord } from "./process.ts";
import type { Target } from "./target.ts";

/** What checks may know of the processes healq starts: read from `stateDir`, never from Redis. */
export interface ProcessView {
  /** Synchronous and cheap: small local files. */
  read(id: string): ProcessRecord;
}

/** A started process. */
export interface Started {
  readonly pid: number;
  /** It was already running and was adopted; nothing was started. */
  readonly adopted: boolean;
}

/** A stopped process. */
export interface Stopped {
  /** The pid that was stopped; null when there was nothing to stop. */
  readonly pid: number | null;
  /** The signal that ended it: `SIGTERM`, `SIGKILL` after the timeout …; null when there was nothing to stop. */
  readonly signal: string | null;
}

/** What remedies and the supervisor may do to a process target; only the supervisor holds one. */
export interface ProcessControl extends ProcessView {
  /** Starts it unless a copy runs already, which is adopted. Writes the intent first, the identity after. */
  start(target: Target, signal?: AbortSignal): Promise<Started>;
  /** Ends its whole group, gracefully, then by force. A stop of what does not run is no error. */
  stop(target: Target, why: StopReason, signal?: AbortSignal): Promise<Stopped>;
  /** Sends one signal to the leader's group, after its identity was read again. Returns the pid. */
  signal(target: Target, signal: NodeJS.Signals): Promise<number>;
}

/** Who wanted the stop: it is written down, so that the exit is not taken for a fault. */
export type StopReason = "heal" | "person" | "shutdown";

/** Work done once for all targets of one batch of looks. */
export interface SharedWork {
  /** The result of the first call with this key in the batch; `make` runs at most once per batch. */
  once<T>(key: string, make: () => T): T;
}
