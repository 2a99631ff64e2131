import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { HealqError } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import { logSince, startFailure, truncationWarning } from "./failure.ts";
import type { RedisHome } from "./home.ts";
import { probe } from "./probe.ts";

/** What the server needs of the environment; nothing else of it, so no secret. */
const kept = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"] as const;

/** How long a server may take until it listens, in milliseconds. Loading its data afterwards may take as long as it does. */
const listensWithin = 15_000;

/** Starts the server, which outlives this process, and resolves with its pid when it has loaded its data. */
export async function launch(
  home: RedisHome,
  program: string,
  options: { env: NodeJS.ProcessEnv; log: Log; signal?: AbortSignal },
): Promise<number> {
  const output = openSync(home.log, "a", 0o600);
  const from = fstatSync(output).size;
  const child = spawn(program, serverArguments(home), {
    cwd: home.folder,
    detached: true,
    stdio: ["ignore", output, output],
    env: serverEnvironment(home, options.env),
  });
  closeSync(output);
  child.unref();
  const ended = new Promise<never>((_, reject) => {
    child.once("error", (error) =>
      reject(new HealqError("redis-start", `cannot start ${program}: ${error.message}`, { cause: error })),
    );
    child.once("exit", () => reject(startFailure(program, home.folder, logSince(home.log, from))));
  });
  ended.catch(() => undefined);
  const pid = await Promise.race([ended, ready(home, child, options)]);
  const warning = truncationWarning(logSince(home.log, from));
  if (warning !== undefined) options.log.warn({ pid }, warning);
  return pid;
}

/** Polls until the server answers. A server that listens is waited for as long as it lives. */
async function ready(
  home: RedisHome,
  child: ChildProcess,
  options: { log: Log; signal?: AbortSignal },
): Promise<number> {
  const begun = performance.now();
  let said = begun;
  for (;;) {
    options.signal?.throwIfAborted();
    const seen = await probe(home.socket);
    if (seen.at === "ready") return seen.pid;
    if (child.exitCode !== null || child.signalCode !== null)
      return await new Promise<never>(() => undefined);
    if (seen.at !== "loading" && performance.now() - begun > listensWithin) {
      throw new HealqError(
        "redis-start",
        `the private Redis (pid ${child.pid}) does not listen on ${home.socket} after 15 s; see ${home.log}`,
      );
    }
    if (performance.now() - said > 5_000) {
      said = performance.now();
      options.log.info({ pid: child.pid }, "waiting for the private Redis to load its data");
    }
    await pause(10);
  }
}

function serverArguments({ folder, socket, log }: RedisHome): string[] {
  return [
    ...["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"],
    ...["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""],
    // Delays of jobs are as exact as hz; evicted keys would be lost jobs.
    ...["--maxmemory-policy", "noeviction", "--hz", "100"],
    ...["--dir", folder, "--logfile", log, "--daemonize", "no"],
  ];
}

function serverEnvironment(home: RedisHome, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const [name = "", value] = home.marker.split(/=(.*)/s);
  return {
    ...Object.fromEntries(kept.filter((key) => env[key] !== undefined).map((key) => [key, env[key]])),
    [name]: value,
  };
}
