import { statSync } from "node:fs";
import { resolve } from "node:path";
import { plain } from "../lib/plain.ts";
import { withSignal } from "../lib/with-signal.ts";
import { CommandLoop } from "./command-loop.ts";
import { childEnvironment, markerName } from "./environment.ts";
import { findProgram } from "./program.ts";
import { type Ran, runProgram } from "./run-program.ts";

/** One tmux server, and how it is talked to. */
export interface TmuxServer {
  readonly program: string;
  /** Which server: `-L name` or `-S path`. */
  readonly args: readonly string[];
  /** Its socket. */
  readonly path: string;
}

/** What tmux said; `none`: no server listens there, or it has no session and so no pane either. */
export type Told = { readonly said: string } | { readonly none: true } | { readonly problem: string };

/** A server that hangs is not waited for any longer, in milliseconds. */
const answerWithin = 3_000;

/** All that is kept of one answer, in bytes; a hundred large screens have less. */
const answerLimit = 4 * 1024 * 1024;

/** The server of a `socket` field, or why it is not talked to. */
export function tmuxServer(
  socket: string | undefined,
  base: string,
  env: NodeJS.ProcessEnv = process.env,
): TmuxServer | { readonly problem: string } {
  const program = findProgram("tmux", { cwd: base, path: env.PATH });
  if ("problem" in program) return { problem: `${program.problem}; install tmux` };
  const name = socket ?? "default";
  const isPath = name.includes("/");
  const folder = env.TMUX_TMPDIR === undefined || env.TMUX_TMPDIR === "" ? "/tmp" : env.TMUX_TMPDIR;
  const path = isPath ? resolve(base, name) : `${folder}/tmux-${process.geteuid?.() ?? 0}/${name}`;
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  // A server may tell its client to run a shell: root would run it for another user. Source: tmux, client.c, MSG_SHELL.
  if (process.geteuid?.() === 0 && owner !== undefined && owner !== 0)
    return {
      problem: `as root healq does not talk to the tmux of uid ${owner} at ${path}; run healq as that user`,
    };
  return { program: program.path, args: isPath ? ["-S", path] : ["-L", name], path };
}

/** How a client of a tmux server runs. */
interface Client {
  /** End it, and with it the wait. Default: none. */
  readonly signals?: readonly AbortSignal[];
  /** Its environment. Default: healq's, less everything of healq's own and of a tmux it may run in. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one tmux command line, or several with `;` between them. Never rejects, and never starts a server but by `new-session` and `start-server`. */
export async function tmux(
  server: TmuxServer,
  command: readonly string[],
  { signals = [], env = clientEnvironment() }: Client = {},
): Promise<Told> {
  const ran = await withSignal({ signals, timeout: answerWithin }, (signal) =>
    runProgram({
      argv: [server.program, "-u", ...server.args, ...command],
      cwd: "/",
      env,
      signal,
      limit: answerLimit,
    }),
  );
  return toldBy(ran, server);
}

/** Each has its own process, see `CommandLoop`. */
const loops = new Map<string, CommandLoop>();

/** Runs a tmux command line that is run again and again, as a look is: at a third of the cost. Never rejects. */
export async function tmuxAgain(server: TmuxServer, command: readonly string[]): Promise<Told> {
  const argv = [server.program, "-u", ...server.args, ...command] as const;
  const key = argv.join("\0");
  const loop =
    loops.get(key) ??
    new CommandLoop({ argv, env: clientEnvironment(), limit: answerLimit, timeout: answerWithin });
  loops.set(key, loop);
  return toldBy(await loop.run(), server);
}

/**
 * What a client says of a server that is not there, that ended in this very moment, or whose last session ended while it goes on
 * ending. Source: tmux, client.c and cmd-find.c.
 */
const isNone =
  /^no server running|^(lost server|server exited)|^no current target$|No such file or directory|Connection refused/;

function toldBy(ran: Ran, server: TmuxServer): Told {
  if (ran.end === "aborted") return { problem: `the tmux server at ${server.path} did not answer` };
  if (ran.end === "not started") return { problem: `tmux could not be started: ${ran.error.message}` };
  if (ran.end === "signal") return { problem: `tmux was killed by ${ran.signal}` };
  if (ran.code === 0) return { said: ran.stdout };
  const complaint = plain(ran.stderr.trim().split("\n").at(-1) ?? "");
  if (isNone.test(complaint)) return { none: true };
  return { problem: `tmux at ${server.path}: ${complaint === "" ? `exit code ${ran.code}` : complaint}` };
}

function clientEnvironment(): Record<string, string> {
  const environment = childEnvironment({ env: {} }, { env: process.env, marker: "" });
  // Only a file of variables can be a problem, and a zero byte, which no environment has.
  const own = "env" in environment ? environment.env : {};
  // Inside of a tmux the default server would be that one.
  const { [markerName]: _, TMUX: _inside, TMUX_PANE: _pane, ...env } = own;
  return env;
}

/** A word of a program's own among those of a tmux command: a `;` at its end would part it from the next one. */
export function literal(word: string): string {
  return word.endsWith(";") ? `${word.slice(0, -1)}\\;` : word;
}

/** A path where tmux would fill in formats: `#(…)` in it would even be run. */
export function asFormat(path: string): string {
  return path.replaceAll("#", "##");
}
