import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { exitCodes, HealqError } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import type { Identity } from "../model/process.ts";
import { findServer, type RedisHome, recordServer } from "./home.ts";
import { launch } from "./launch.ts";
import { type Probe, probe } from "./probe.ts";
import { findRedisServer } from "./program.ts";
import { gone, terminate } from "./shutdown.ts";
import { holdStart } from "./start-lock.ts";

/** How long a server that lives but does not answer is waited for, in milliseconds. */
const silentFor = 10_000;

/** How long a server without a socket may take to make one, in milliseconds. */
const socketWithin = 2_000;

/** A server that answers, and whether it had to be started for that. */
export interface RunningServer {
  readonly identity: Identity;
  readonly started: boolean;
}

/** Adopts the server of this home, or starts one; one at a time over all processes of the machine. */
export async function runServer(
  home: RedisHome,
  options: { env: NodeJS.ProcessEnv; log: Log; signal?: AbortSignal },
): Promise<RunningServer> {
  const release = await holdStart(home.folder, options.signal);
  try {
    const adopted = await adopt(home, options);
    if (adopted !== undefined) return { identity: adopted, started: false };
    // What is left is the socket of a server that is gone.
    rmSync(home.socket, { force: true });
    const pid = await launch(home, findRedisServer(options.env), options);
    const identity = recordServer(home, pid);
    if (identity === undefined)
      throw new HealqError(
        "redis-start",
        `the private Redis (pid ${pid}) ended right after its start; see ${home.log}`,
      );
    return { identity, started: true };
  } finally {
    await release();
  }
}

/** The server that already runs, once it has loaded; undefined when none does. */
async function adopt(
  home: RedisHome,
  options: { log: Log; signal?: AbortSignal },
): Promise<Identity | undefined> {
  const seen = await answer(home, options);
  if (seen.at === "ready") return ours(home, seen);
  if (seen.at === "silent") {
    throw new HealqError(
      "redis-silent",
      `something holds ${home.socket} and does not answer within 10 s (${seen.why}); see who it is with: fuser ${home.socket}`,
      { exitCode: exitCodes.unreachable },
    );
  }
  const hidden = findServer(home);
  if (hidden === undefined) return undefined;
  // It lives without a socket that leads to it: somebody removed the file. Nobody can talk to it any more.
  options.log.warn(
    { pid: hidden.pid },
    "the private Redis has lost its socket; ending it and starting it anew",
  );
  if ((await terminate(hidden)) || (await gone(hidden, silentFor))) return undefined;
  throw new HealqError(
    "redis-stop",
    `the private Redis (pid ${hidden.pid}) has lost its socket ${home.socket} and does not end; see ${home.log}`,
  );
}

/** Probes until the answer is final: a loading server is waited for, a silent or hidden one for a while. */
async function answer(
  home: RedisHome,
  { log, signal }: { log: Log; signal?: AbortSignal },
): Promise<Exclude<Probe, { at: "loading" }>> {
  const begun = performance.now();
  let said = begun;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await probe(home.socket);
    const waited = performance.now() - begun;
    if (seen.at === "ready") return seen;
    if (seen.at === "silent" && waited > silentFor) return seen;
    if (
      (seen.at === "absent" || seen.at === "refused") &&
      (waited > socketWithin || findServer(home) === undefined)
    )
      return seen;
    if (seen.at === "loading" && performance.now() - said > 5_000) {
      said = performance.now();
      log.info({ pid: seen.pid }, "waiting for the private Redis to load its data");
    }
    await pause(20);
  }
}

/** Makes sure that the server behind the socket is the one of this home, and writes it down. */
function ours(home: RedisHome, seen: Extract<Probe, { at: "ready" }>): Identity | undefined {
  if (seen.folder !== home.folder) {
    throw new HealqError(
      "redis-foreign",
      `another Redis (pid ${seen.pid}, data in ${seen.folder}) listens on ${home.socket}; stop it or choose another stateDir`,
    );
  }
  return recordServer(home, seen.pid);
}
