import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, statSync } from "node:fs";
import type { Identity, ProcessSpec } from "../model/process.ts";
import { wrapArgv } from "./argv.ts";
import { launchInConsole } from "./console-launch.ts";
import { consoleName } from "./consoles.ts";
import { childEnvironment, withoutTerminal } from "./environment.ts";
import { openWriteEnd } from "./fifo.ts";
import { openLog } from "./logfile.ts";
import { identityOf } from "./procfs.ts";
import { findProgram, notStarted } from "./program.ts";

/** What a start needs beside the spec. */
export interface SpawnSetting {
  readonly stateDir: string;
  /** Must exist; its write end becomes descriptor 3. */
  readonly fifo: string;
  /** Value of `HEALQ_INSTANCE`. */
  readonly marker: string;
  /** healq's own environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Kept from the process, under whatever name it is in the environment. */
  readonly redisUrl?: string | undefined;
}

/** A new process, our own child unless it runs in a window of tmux; or in one sentence why there is none. */
export type Spawned =
  | { readonly child?: ChildProcess; readonly identity: Identity }
  | { readonly problem: string };

/**
 * Starts a process of its own session and group, with its output straight to its log, and does not hold on to it: it
 * lives on when healq ends. Its exit comes as the child's `exit` event. The program has been exec'd, and on success no
 * turn of the event loop has passed, when this resolves: a listener added then misses nothing. Does not reject.
 */
export async function spawnProcess(spec: ProcessSpec, setting: SpawnSetting): Promise<Spawned> {
  const isInConsole = spec.console !== undefined;
  const environment = childEnvironment(spec, {
    ...setting,
    env: isInConsole ? withoutTerminal(setting.env) : setting.env,
    shell: isInConsole ? `console: ${spec.console}` : spec.umask === undefined ? undefined : "umask",
  });
  if ("problem" in environment) return environment;
  if (statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return { problem: `the working folder is missing: ${spec.cwd}` };
  }
  const path = environment.env.PATH;
  const program = findProgram(spec.run[0], { cwd: spec.cwd, path });
  if ("problem" in program) return program;
  const wrapped = wrapArgv(spec, path);
  if ("problem" in wrapped) return wrapped;
  // What the user's account says yields to what the config says.
  const env = { ...environment.env, ...wrapped.env, ...spec.env, HEALQ_INSTANCE: setting.marker };
  const log = openLog(spec.log.path);
  if ("problem" in log) return log;
  try {
    const to = { cwd: spec.cwd, env, log: log.fd, fifo: setting.fifo };
    if (!isInConsole) return await launch(wrapped.argv, to);
    const { stateDir, marker: mark } = setting;
    return await launchInConsole({ argv: wrapped.argv, ...to, mark, stateDir, name: consoleName(spec.id) });
  } catch (error) {
    return { problem: notStarted(spec.run[0], error) };
  } finally {
    closeSync(log.fd);
  }
}

async function launch(
  argv: readonly [string, ...string[]],
  to: { cwd: string; env: Record<string, string>; log: number; fifo: string },
): Promise<Spawned> {
  const [program, ...args] = argv;
  const writeEnd = openWriteEnd(to.fifo);
  try {
    const child = spawn(program, args, {
      cwd: to.cwd,
      env: to.env,
      detached: true,
      stdio: ["ignore", to.log, to.log, writeEnd],
    });
    // A failed start has no pid, and says why by an event in the next turn; without a listener that would end healq.
    const failure = new Promise<unknown>((resolve) => child.on("error", resolve));
    child.unref();
    if (child.pid === undefined) return { problem: notStarted(program, await failure) };
    // We are its parent and have not waited for it: even if it died at once it is still to be seen.
    const identity = identityOf(child.pid);
    return identity === undefined
      ? { problem: `${program} started, but /proc/${child.pid} cannot be read` }
      : { child, identity };
  } finally {
    closeSync(writeEnd);
  }
}
