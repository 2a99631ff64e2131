import { fstatSync, statSync } from "node:fs";
import { listProcesses } from "./procfs.ts";

/**
 * The command that writes a pane's output to the log that is open here as `fd`. tmux takes nothing but a line for a shell, so there are
 * only numbers in it, and `mark`: no path to be quoted, and none that somebody could replace by a link in between. A tmux server that
 * hung may come to it when that number means another file, so it looks first. A disk that is full ends `cat`, but not for good.
 *
 * @param mark of this start: letters, digits and `-`
 */
export function logCommand(fd: number, mark: string): string {
  const path = `/proc/${process.pid}/fd/${fd}`;
  const { dev, ino } = fstatSync(fd, { bigint: true });
  // tmux fills in the time as strftime(3) does: a % is written twice.
  const isStillIt = `[ "$(stat -L -c %%d:%%i ${path})" = ${dev}:${ino} ]`;
  return `: ${mark}; ${isStillIt} || exit; until cat; do sleep 1; done >>${path}`;
}

/** True once the command with this mark, of that tmux server, has the log open: from then on `fd` may be closed. */
export function isLogging(serverPid: number, mark: string, fd: number): boolean {
  const log = fstatSync(fd);
  return listProcesses().some(
    ({ pid, stat, cmdline }) =>
      stat.ppid === serverPid && cmdline.includes(`: ${mark}; `) && isFile(`/proc/${pid}/fd/1`, log),
  );
}

function isFile(path: string, { dev, ino }: { dev: number; ino: number }): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.dev === dev && stats.ino === ino;
  } catch {
    // It ended in this very moment.
    return false;
  }
}
