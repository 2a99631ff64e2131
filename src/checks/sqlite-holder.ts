import { plain } from "../lib/plain.ts";
import type { Identity } from "../model/process.ts";
import { type Abandoned, abandoned } from "../system/orphan.ts";
import { cmdlineOf, identityFrom, readStat, uidOf } from "../system/procfs.ts";

/** Who holds the write lock of a database. */
export interface Holder {
  readonly identity: Identity;
  /** `python3 import.py (pid 42)`, for people. */
  readonly name: string;
  readonly command: string;
  /** The effective user; undefined when it has just gone. */
  readonly uid: number | undefined;
  /** The kernel's letter: R, S, D, T … */
  readonly state: string;
  readonly parent: number;
  /** Nobody looks after it any more, because of this. */
  readonly abandoned: Abandoned | undefined;
}

/** Who has that pid now; undefined when nobody has, or when the lock belongs to nobody that can be named. */
export function holderOf(pid: number): Holder | undefined {
  const stat = pid > 0 ? readStat(pid) : undefined;
  if (stat === undefined) return undefined;
  const command = plain(cmdlineOf(pid)) || plain(stat.name);
  return {
    identity: identityFrom(stat),
    name: nameOf(command, pid),
    command,
    uid: uidOf(pid),
    state: stat.state,
    parent: stat.ppid,
    abandoned: abandoned(stat),
  };
}

/** Only the beginning of a long command line: the whole one is in the evidence. */
function nameOf(command: string, pid: number): string {
  const short = command.length > 60 ? `${command.slice(0, 59)}…` : command;
  return `${short} (pid ${pid})`;
}
