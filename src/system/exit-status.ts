import { constants } from "node:os";
import type { ExitInfo, Identity } from "../model/process.ts";
import { type ProcStat, statOf, uidOf } from "./procfs.ts";

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The signal's name by its number; SIGIOT and SIGPOLL are the same numbers as SIGABRT and SIGIO. */
export function signalName(number: number): string {
  if (number === constants.signals.SIGABRT) return "SIGABRT";
  return signalNames.get(number) ?? `signal ${number}`;
}

/** An exit that nobody told us of. */
export function unknownExit(at: number): ExitInfo {
  return { code: null, signal: null, unknown: true, at };
}

/**
 * How a process that is not our child ended, while it is still to be seen: as a zombie, or on its way out. Source: field 52
 * of proc_pid_stat(5). Undefined when it is too early, too late, or not ours to know (the kernel then shows 0,
 * which must not be taken for a success).
 */
export function readExit(identity: Identity, at: number): ExitInfo | undefined {
  const stat = statOf(identity);
  if (stat === undefined || !(stat.exiting || stat.state === "Z") || stat.threads > 1) return undefined;
  return mayKnow(identity.pid) ? fromWaitStatus(stat, at) : undefined;
}

function mayKnow(pid: number): boolean {
  const own = process.geteuid?.();
  return own === 0 || uidOf(pid) === own;
}

function fromWaitStatus(stat: ProcStat, at: number): ExitInfo {
  const signal = stat.waitStatus & 0x7f;
  if (signal !== 0) return { code: null, signal: signalName(signal), unknown: false, at };
  return { code: (stat.waitStatus >> 8) & 0xff, signal: null, unknown: false, at };
}
