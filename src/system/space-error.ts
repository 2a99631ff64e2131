import { HealqError } from "../model/errors.ts";

/** What the system's codes mean for whoever wants to write. */
const meanings: Readonly<Record<string, string>> = {
  ENOSPC: "its disk is full (or out of inodes); make room there",
  EDQUOT: "the disk quota of its owner is used up; make room there",
  EROFS: "its disk can only be read now; see the kernel's log, and mount it for writing again",
  EIO: "its disk reports an error; see the kernel's log",
  EFBIG: "it would be larger than the limit of its process or file system",
};

/** The error as a `HealqError` of code `no-room` when it says that a file cannot be written for want of room or of a sound disk; else as it is. */
export function spaceError(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const meaning = meanings[code];
  return meaning === undefined
    ? error
    : new HealqError("no-room", `${path} cannot be written: ${meaning}`, { cause: error });
}
