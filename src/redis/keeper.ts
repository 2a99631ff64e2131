import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import type { Identity } from "../model/process.ts";
import type { RedisHome } from "./home.ts";
import { type RunningServer, runServer } from "./server.ts";
import { watchServer } from "./watch.ts";

/** Pauses before a dead server is started again, in milliseconds: none the first time, then growing. */
const firstPause = 100;
const longestPause = 10_000;

/** A server that lived this long is forgiven its earlier deaths, in milliseconds. */
const forgivenAfter = 60_000;

/** What became of the server. Times in milliseconds. */
export type RedisEvent =
  | { readonly type: "died"; readonly pid: number }
  | { readonly type: "back"; readonly pid: number; readonly awayMs: number };

/** What keeping a server needs. */
interface KeeperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  tell(event: RedisEvent): void;
}

/** One life of the server: who it is, since when (by `performance.now()`), and how many deaths in a row came before it. */
interface Life {
  readonly server: Identity;
  readonly since: number;
  readonly deaths: number;
}

/** Keeps one server alive. */
interface Keeper {
  readonly server: Identity;
  /** Stops keeping it; resolves when no start is under way any more. The server lives on. */
  release(): Promise<void>;
}

/** Brings the server back whenever it dies, until released. Never rejects: what fails is said to the log and tried again. */
export function keepServer(home: RedisHome, first: RunningServer, options: KeeperOptions): Keeper {
  const { log, tell } = options;
  const released = new AbortController();
  let life: Life = { server: first.identity, since: performance.now(), deaths: 0 };
  let revival: Promise<void> = Promise.resolve();
  let unwatch: () => void = () => undefined;
  const watch = (): void => {
    unwatch = watchServer(home.socket, life.server, () => {
      revival = died().catch((error: unknown) => log.error({}, messageOf(error)));
    });
  };
  const died = async (): Promise<void> => {
    const at = performance.now();
    log.warn({ pid: life.server.pid }, "the private Redis died; bringing it back");
    tell({ type: "died", pid: life.server.pid });
    const deaths = at - life.since > forgivenAfter ? 0 : life.deaths;
    const next = await revive(home, { ...options, deaths, signal: released.signal });
    if (next === undefined) return;
    life = next;
    const awayMs = Math.round(life.since - at);
    log.info({ pid: life.server.pid, awayMs }, "the private Redis is back");
    watch();
    tell({ type: "back", pid: life.server.pid, awayMs });
  };
  watch();
  return {
    get server() {
      return life.server;
    },
    release: async () => {
      released.abort();
      unwatch();
      await revival;
      unwatch();
    },
  };
}

/** Tries until the server runs; undefined when released meanwhile. `deaths` counts on with each try. */
async function revive(
  home: RedisHome,
  options: { env: NodeJS.ProcessEnv; log: Log; deaths: number; signal: AbortSignal },
): Promise<Life | undefined> {
  let said = "";
  for (let deaths = options.deaths; ; deaths += 1) {
    const rest = deaths === 0 ? 0 : Math.min(firstPause * 2 ** (deaths - 1), longestPause);
    try {
      if (rest > 0) await pause(rest, undefined, { signal: options.signal });
      const { identity } = await runServer(home, options);
      return { server: identity, since: performance.now(), deaths: deaths + 1 };
    } catch (error) {
      if (options.signal.aborted) return undefined;
      const message = messageOf(error);
      if (message !== said) options.log.error({ deaths }, `the private Redis is not back: ${message}`);
      said = message;
    }
  }
}
