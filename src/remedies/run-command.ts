import type { ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { untrustedProgram } from "../checks/untrusted-program.ts";
import { formatDuration } from "../lib/duration.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { withSignal } from "../lib/with-signal.ts";
import { HealqError } from "../model/errors.ts";
import { wrapArgv } from "../system/argv.ts";
import { childEnvironment, markerName } from "../system/environment.ts";
import { identityOf } from "../system/procfs.ts";
import { findProgram, notStarted } from "../system/program.ts";
import { endGroup } from "../system/signals.ts";
import { type KeptLines, keepLastLines } from "./last-lines.ts";

/** A program to be run for a cure or an alert. */
interface Command {
  /** Program and arguments, never a shell string. A program with a slash starts at `base`. */
  readonly argv: readonly [string, ...string[]];
  /** Folder of the config file. */
  readonly base: string;
  /** Where it runs, absolute. Default: `base`. */
  readonly cwd?: string;
  /** The config's variables, added to healq's own environment less everything of healq's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What healq tells it (`HEALQ_TARGET` …); at most 8,000 characters of each value. */
  readonly told?: Readonly<Record<string, string>>;
  /** When healq is root: the user it runs as. Default: healq's own. */
  readonly user?: string;
  /** What it reads on its standard input. Default: nothing. */
  readonly input?: string;
  /** Milliseconds; then its whole group is ended. */
  readonly timeout: number;
  /** Ends its whole group too. */
  readonly signal: AbortSignal;
}

/** How long a group that is ended may take before SIGKILL, in milliseconds. */
const graceful = 2_000;

/** A grandchild may hold the output open after the program has ended; it is read no longer than this. Milliseconds. */
const drainFor = 100;

/**
 * Runs a program in a group of its own and resolves with the last lines it wrote once it has ended with exit code 0. Rejects with a
 * `HealqError` that has the last lines when it could not be started, failed, took too long, or was cancelled.
 */
export async function runCommand(command: Command): Promise<readonly string[]> {
  command.signal.throwIfAborted();
  const { child } = await begin(command);
  const output = keepLastLines(child.all);
  const wasStopped = child.pid !== undefined && (await endedOrStopped(child, child.pid, command));
  await Promise.race([child, pause(drainFor)]);
  child.all.destroy();
  child.stdin?.destroy();
  const result = await child;
  if (wasStopped) throw stopError(command, output);
  if (result.exitCode === 0) return output.lines();
  const name = command.argv[0];
  if (result.signal !== undefined) throw failed(`${name} was killed by ${result.signal}`, output);
  if (result.exitCode !== undefined) throw failed(`${name} exited with code ${result.exitCode}`, output);
  throw failed(notStarted(name, result.code), output);
}

/** Starts it; one that the system will not start has no pid. */
async function begin(command: Command) {
  const { argv, cwd, env } = prepare(command);
  // Its hundred files are loaded when a program is run, and not by every command of the CLI that knows the remedies' names.
  const { execa } = await import("execa");
  const [file, ...args] = argv;
  const group = { extendEnv: false, detached: true, cleanup: false } as const;
  const output = { reject: false, buffer: false, all: true } as const;
  const stdin = command.input === undefined ? ({ stdin: "ignore" } as const) : { input: command.input };
  // A child is a promise of its end, which is not to be waited for here.
  return { child: execa(file, args, { cwd, env, ...group, ...output, ...stdin }) };
}

/** Waits for its end; true when it had to be ended, because its time was over or the work was cancelled. */
async function endedOrStopped(child: ChildProcess, pid: number, command: Command): Promise<boolean> {
  // Not waited for by anyone yet, so the pid is still its own.
  const leader = identityOf(pid);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { signal, timeout } = command;
  const exitedOrNot = (stop: AbortSignal) => orAborted(exited, stop).catch(() => undefined);
  await withSignal({ signals: [signal], timeout }, exitedOrNot);
  if (child.exitCode !== null || child.signalCode !== null) return false;
  if (leader !== undefined) await endGroup(leader, { signal: "SIGTERM", timeout: graceful });
  return true;
}

/** Finds the program and refuses what must not be run; throws a `HealqError`. */
function prepare(command: Command): {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
} {
  const cwd = command.cwd ?? command.base;
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw refused(`the working folder is missing: ${cwd}`);
  const environment = childEnvironment({ env: command.env ?? {} }, { env: process.env, marker: "" });
  if ("problem" in environment) throw refused(environment.problem);
  const { [markerName]: _, ...env } = environment.env;
  const [name, ...args] = command.argv;
  const program = findProgram(name, { cwd: command.base, path: env.PATH });
  if ("problem" in program) throw refused(program.problem);
  // As another user it can do no more than that user can, so it may be that user's own.
  const user = process.geteuid?.() === 0 ? command.user : undefined;
  const distrust = user === undefined ? untrustedProgram(program.path) : undefined;
  if (distrust !== undefined) throw refused(distrust);
  const wrapped = wrapArgv(
    { run: [program.path, ...args], cwd, ...(user === undefined ? {} : { user }) },
    env.PATH,
  );
  if ("problem" in wrapped) throw refused(wrapped.problem);
  return {
    argv: wrapped.argv,
    cwd,
    env: { ...env, ...wrapped.env, ...command.env, ...toldShortly(command.told) },
  };
}

/** What it is told comes from what was watched: a NUL would be refused, and more than 128 KiB too. Source: execve(2). */
function toldShortly(told: Command["told"] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, value.replaceAll("\0", "").slice(0, 8_000)]),
  );
}

function stopError(command: Command, output: KeptLines): Error {
  const name = command.argv[0];
  if (!command.signal.aborted)
    return failed(`${name} did not end within ${formatDuration(command.timeout)} and was ended`, output);
  const reason: unknown = command.signal.reason;
  return reason instanceof HealqError
    ? reason
    : failed(`${name} was ended because the work it was part of was cancelled`, output);
}

function failed(message: string, output: KeptLines): HealqError {
  const lines = output.lines();
  return new HealqError("command-failed", lines.length === 0 ? message : `${message}: ${lines.join(" | ")}`);
}

function refused(message: string): HealqError {
  return new HealqError("command-refused", message);
}
