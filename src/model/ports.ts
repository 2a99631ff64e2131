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
  /** Says that the restart is not gone on with after its first half: it is down, and nothing is under way. */
  callOff(target: Target): void;
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

/** What a look learns of a file; links are followed. Times in milliseconds since the epoch. */
export interface FileFacts {
  readonly type: "file" | "folder" | "other";
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Device and inode, to tell a file from another one under the same name. */
  readonly inode: string;
}

/** Why a file could not be looked at: the system's code (`ENOENT`, `EACCES`; `EHUNG` when its file system does not answer). */
export interface FileError {
  readonly error: string;
  readonly message: string;
}

/** How the content of a file is written. */
export type FileFormat = "json" | "jsonl" | "yaml";

/** Files as checks see them. Never rejects, and never holds the event loop: what may hang is looked at in a process that can be killed. */
export interface FileView {
  /** Synchronous on local file systems. */
  stat(path: string, signal: AbortSignal): FileFacts | FileError | Promise<FileFacts | FileError>;
  /** What is wrong with the content, for a person; `problem` is absent when it parses. Only regular files, read up to 16 MiB. */
  parse(
    path: string,
    format: FileFormat,
    signal: AbortSignal,
  ): Promise<{ readonly problem?: string } | FileError>;
}

/** What a check remembers of one target from look to look, in this process only. */
export interface CheckMemory {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}
