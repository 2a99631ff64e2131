import { fstatSync, statSync } from "node:fs";
import { listProcesses } from "./procfs.ts";

/**
 * The command that writes a pane's output to the log that is open here as `fd`. tmux takes nothing but a line for a shell, so there are
 * only numbers in it: no path to be quoted, and none that somebody could replace by a link in between.
 */
export function logCommand(fd: number): string {
  return `exec cat >>/proc/${process.pid}/fd/${fd}`;
}

/** True once a child of the tmux server has that log open as its output: from then on `fd` may be closed. */
export function isLogging(serverPid: number, fd: number): boolean {
  const log = fstatSync(fd);
  return listProcesses().some(({ pid, stat }) => stat.ppid === serverPid && isFile(`/proc/${pid}/fd/1`, log));
}

function isFile(path: string, { dev, ino }: { dev: number; ino: number }): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.dev === dev && stats.ino === ino;
  } catch {
    // Of another user.
    return false;
  }
}
