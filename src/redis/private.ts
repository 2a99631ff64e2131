import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../model/log.ts";
import { findServer, openHome, type RedisHome } from "./home.ts";
import { keepServer, type RedisEvent } from "./keeper.ts";
import { runServer } from "./server.ts";
import { shutDown } from "./shutdown.ts";
import { holdStart } from "./start-lock.ts";

export { privateSocket } from "./home.ts";
export type { RedisEvent } from "./keeper.ts";

/** The redis-server that healq runs for itself under `stateDir`. It outlives healq, and the next healq adopts it. */
export interface PrivateRedis {
  readonly socket: string;
  /** The server's pid now; another one after it died and was brought back. */
  readonly pid: number;
  /** It was started just now, and not adopted. */
  readonly started: boolean;
  /** Hears of each death, right away, and of each return. Returns what ends it. */
  onEvent(listener: (event: RedisEvent) => void): () => void;
  /** Stops watching it; the server lives on. */
  release(): Promise<void>;
  /** Saves and ends the server; rejects with a clear message when it does not end. */
  stop(): Promise<void>;
}

/**
 * Makes sure that the private server of this `stateDir` runs, answers and has loaded its data, and keeps it so until released: one
 * that runs is adopted, one that dies is brought back, at once the first time and after growing pauses (up to 10 s) when it keeps dying.
 * Rejects with a `HealqError`: no program (with the install command), a damaged file (with the repair command), a foreign server on the socket.
 */
export async function ensurePrivateRedis(options: {
  /** Absolute. */
  readonly stateDir: string;
  /** For PATH and HEALQ_REDIS_SERVER; the server gets only a few harmless variables of it. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Gives up waiting; a server that was just started is left to be adopted. */
  readonly signal?: AbortSignal;
}): Promise<PrivateRedis> {
  const home = openHome(options.stateDir);
  const first = await runServer(home, options);
  const listeners = new Set<(event: RedisEvent) => void>();
  const keeper = keepServer(home, first, {
    env: options.env,
    log: options.log,
    tell: (event) => tellAll(listeners, event),
  });
  return {
    socket: home.socket,
    get pid() {
      return keeper.server.pid;
    },
    started: first.started,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    release: () => keeper.release(),
    stop: async () => {
      await keeper.release();
      await stopServer(home);
    },
  };
}

/** Saves and ends the private server of a `stateDir`, whoever started it. Resolves with its pid, null when none ran. */
export async function stopPrivateRedis({ stateDir }: { stateDir: string }): Promise<{ pid: number | null }> {
  if (!existsSync(join(stateDir, "redis"))) return { pid: null };
  return stopServer(openHome(stateDir));
}

async function stopServer(home: RedisHome): Promise<{ pid: number | null }> {
  const release = await holdStart(home.folder);
  try {
    const server = findServer(home);
    if (server === undefined) return { pid: null };
    await shutDown(home, server);
    return { pid: server.pid };
  } finally {
    await release();
  }
}

/** A listener that throws harms neither the others nor the server. */
function tellAll(listeners: ReadonlySet<(event: RedisEvent) => void>, event: RedisEvent): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch {
      // Its own affair.
    }
  }
}
