import { cmdlineOf } from "./procfs.ts";

/** Begins each version of it: one that an older healq left is known as well. */
const sign = ": healq-launcher; ";

/**
 * Fixed text; what is configured comes to it as arguments only: gate, cwd, FIFO, TERM and SHELL, and then the program. It waits at
 * its gate, and ends when that is shut. The FIFO is opened for reading and writing, which waits for nobody. What tmux says to the
 * programs of its windows is unsaid, and C-s must not stop a process for which nobody knows why it stands still.
 */
const launcher =
  `${sign}read -r _ <"$1" && cd -- "$2" && exec 3<>"$3" || exit 75; ` +
  "stty -ixon; unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION; " +
  '[ -z "$4" ] || TERM=$4; if [ -n "$5" ]; then SHELL=$5; else unset SHELL; fi; shift 5; exec "$@"';

/** Not found by PATH, which is the program's. */
const shell = "/bin/sh";

/** True for a process that has not become the program yet. */
export function isLauncher(pid: number): boolean {
  return cmdlineOf(pid).startsWith(`${shell} -c ${sign}`);
}

/** What is launched, and from where. */
export interface Launched {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its write end becomes descriptor 3. */
  readonly fifo: string;
}

/** What runs in a window first. tmux has its own opinion of TERM and SHELL, so they do not come by the environment. */
export function launcherArgv(gate: string, { argv, cwd, env, fifo }: Launched): string[] {
  const { TERM = "", SHELL = "" } = env;
  return [shell, "-c", launcher, "sh", gate, cwd, fifo, TERM, SHELL, ...argv];
}
