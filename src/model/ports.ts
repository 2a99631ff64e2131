import type { ProcessRecord } from "./process.ts";
import type { Target } from "./target.ts";

/** What checks may know of the processes healq starts: read from `stateDir`, never from Redis. */
export interface ProcessView {
  /** Of a target, or of one of its copies (`ID@2`). Synchronous and cheap: small local files. */
  read(id: string): ProcessRecord;
  /**
   * The numbers, from 2, of the copies that were ever started and not forgotten, by target; whether they live `read` says. One
   * stat(2), as a rule: to be asked once a tick.
   */
  copies(): ReadonlyMap<string, readonly number[]>;
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
  /** The pids of the other copies that were stopped; absent when there was at most one. */
  readonly others?: readonly number[];
}

/**
 * What remedies and the supervisor may do to a process target; only the supervisor holds one. With `instances` it is done to all
 * copies; to one alone when the target is that of `oneCopy`.
 */
export interface ProcessControl extends ProcessView {
  /**
   * Why nothing may be started or stopped now: what is done to a process is written down before it is done, or a crash in the
   * middle could make two copies of it, and `stateDir` cannot be written. Undefined when it can.
   */
  unwritable(): string | undefined;
  /** Starts it unless a copy runs already, which is adopted. Writes the intent first, the identity after. */
  start(target: Target, signal?: AbortSignal): Promise<Started>;
  /** Ends its whole group, gracefully, then by force. A stop of what does not run is no error. */
  stop(target: Target, why: StopReason, signal?: AbortSignal): Promise<Stopped>;
  /** Ends the copies beyond those that are wanted, and forgets them. */
  stopSurplus(target: Target, signal?: AbortSignal): Promise<Stopped>;
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

/** How much room a file system has, in blocks of `blockSize` bytes. Source: statvfs(3). */
export interface SpaceFacts {
  readonly blockSize: number;
  readonly blocks: number;
  /** Of these some may be for root only. */
  readonly free: number;
  /** What everybody may use. */
  readonly available: number;
  /** How many files it can have; 0 where there is no fixed number. */
  readonly inodes: number;
  readonly freeInodes: number;
}

/** How the content of a file is written. */
export type FileFormat = "json" | "jsonl" | "yaml";

/** How a file of settings is written. */
export type ConfigFormat = "json" | "yaml" | "toml";

/** One field of a file of settings. */
export interface FieldValue {
  readonly type:
    | "missing"
    | "empty"
    | "string"
    | "integer"
    | "number"
    | "boolean"
    | "list"
    | "map"
    | "date"
    | "other";
  /** The value of a number, a boolean, or a string of at most 1,000 characters. */
  readonly value?: string | number | boolean;
}

/** What became of a look at fields: their values in the order asked for, or what is wrong with the file, for a person. */
export type FieldValues = { readonly problem: string } | { readonly values: readonly FieldValue[] };

/** A place in a log that grows. */
export interface LogPlace {
  /** Device and inode of the file. */
  readonly file: string;
  /** Bytes from its start; what is before them was read. */
  readonly offset: number;
  /** A digest of the bytes right before `offset`, to tell a file from another one with the same number; absent while nothing was read. */
  readonly before?: string;
  /** The line at `offset` began before it and is left out up to its end. */
  readonly midLine?: boolean;
}

/** A pattern that lines are searched for. */
export interface LogPattern {
  readonly name: string;
  /** Regular expressions without flags; the first one that is found counts. */
  readonly match: readonly string[];
}

/** A line that a pattern was found in. */
export interface LogMatch {
  readonly name: string;
  /** Without terminal sequences; at most 4,000 characters. */
  readonly line: string;
  /** Its named captures; at most 1,000 characters each. */
  readonly captures: Readonly<Record<string, string>>;
}

/** What was new in a log. */
export interface LogLines {
  readonly place: LogPlace;
  /** The last 200 matches of each pattern in what was read. */
  readonly matches: readonly LogMatch[];
  /** How often each pattern was found; absent names were not. */
  readonly counts: Readonly<Record<string, number>>;
  /** Bytes that are left to read. */
  readonly behind: number;
  /** Bytes that were left out because more was written than can be caught up with. */
  readonly skipped: number;
  /** Patterns that took too long on a line, which was left out. */
  readonly slow: readonly string[];
}

/** Files as checks see them. Never rejects, and never holds the event loop: what may hang is looked at in a process that can be killed. */
export interface FileView {
  /** Synchronous on local file systems; the signal is asked for only elsewhere. */
  stat(
    path: string,
    within: { readonly signal: AbortSignal },
  ): FileFacts | FileError | Promise<FileFacts | FileError>;
  /** The mount point of the network file system that a path is on; undefined when all of the way to it is local. */
  remoteMount(path: string): string | undefined;
  /** The room on the file system that a path is on; synchronous on local ones. */
  space(
    path: string,
    within: { readonly signal: AbortSignal },
  ): SpaceFacts | FileError | Promise<SpaceFacts | FileError>;
  /** What is wrong with the content, for a person; `problem` is absent when it parses. Only regular files, read up to 16 MiB. */
  parse(
    path: string,
    format: FileFormat,
    signal: AbortSignal,
  ): Promise<{ readonly problem?: string } | FileError>;
  /** The whole lines of a log after a place, searched for patterns; at most 4 MiB of them. The rest of a file that was renamed comes first. */
  lines(
    path: string,
    asked: { readonly place: LogPlace; readonly patterns: readonly LogPattern[] },
    signal: AbortSignal,
  ): Promise<LogLines | FileError>;
  /** The fields at those paths of names and list positions. Only regular files, up to 16 MiB. */
  values(
    path: string,
    asked: { readonly format: ConfigFormat; readonly fields: readonly (readonly string[])[] },
    signal: AbortSignal,
  ): Promise<FieldValues | FileError>;
}

/**
 * What a check remembers of one target from look to look, in this process only. A value that has a `close()` (a connection) is closed
 * when another one takes its place or the memory ends, with healq at the latest.
 */
export interface CheckMemory {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** What was kept under that name, also by another process of this node and before a restart of healq; undefined when there is nothing. */
  recall(name: string): unknown;
  /** Keeps a small, JSON-safe value under `stateDir`; `healq check`, which changes nothing, keeps it to itself. Never throws. */
  keep(name: string, value: unknown): void;
}

/** What is known of the calls of one program. All in milliseconds until now, by the clock of whoever keeps the record. */
export interface Heard {
  /** Since a call was first waited for. */
  readonly waitedFor: number;
  /** Since the last call; absent when there was none. */
  readonly lastAgo?: number;
  /** Since this process began to listen: a call before that may have found nobody. */
  readonly listeningFor: number;
}

/** The calls of programs that must call in, as checks see them. */
export interface CallView {
  /** From the first question on a call is waited for. Rejects when the record cannot be read. */
  heard(id: string): Promise<Heard>;
}

/** Who hears the calls. */
export interface CallRecorder {
  /** Takes down that this program has called just now. Rejects when the record cannot be written. */
  record(id: string): Promise<void>;
}
