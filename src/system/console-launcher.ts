import { closeSync, constants, openSync, readlinkSync, writeSync } from "node:fs";
import { cmdlineOf } from "./procfs.ts";

/**
 * Fixed text; what is configured comes to it as arguments only. It opens the FIFO for reading and writing, which waits for
 * nobody, and becomes the program when it hears its own mark: by then it is known who it is, and its log is open. A tmux server
 * that hung carries out afterwards what was given up long ago: such a launcher hears another one's mark, and ends.
 */
const launcher = 'exec 3<>"$1"; read -r go <&3; [ "$go" = "$2" ] || exit 75; shift 2; exec "$@"';

/** Not found by PATH, which is the program's. */
const shell = "/bin/sh";

/** True for a process that waits to become the program: healq died in the middle of its start. */
export function isLauncher(pid: number): boolean {
  return cmdlineOf(pid).startsWith(`${shell} -c ${launcher}`);
}

/** What runs in a window first. `mark` is what it waits for, and has no blanks. */
export function launcherArgv(fifo: string, mark: string, argv: readonly string[]): string[] {
  return [shell, "-c", launcher, "sh", fifo, mark, ...argv];
}

/** Tells the launcher with this mark to go on. */
export function begin(fifo: string, mark: string): void {
  let end: number | undefined;
  try {
    end = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    writeSync(end, `${mark}\n`);
  } catch {
    // Nobody listens any more: it has ended.
  } finally {
    if (end !== undefined) closeSync(end);
  }
}

/** True for a process of ours that was started in a window: any other one has /dev/null as its input. */
export function hasTerminal(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/0`).startsWith("/dev/pts/");
  } catch {
    return false;
  }
}
