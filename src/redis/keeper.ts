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

/** Keeps one server alive. */
export interface Keeper {
  readonly server: Identity;
  /** Stops keeping it; resolves when no start is under way any more. The server lives on. */
  release(): Promise<void>;
}

/** Brings the server back whenever it dies, until released. Never rejects: what fails is said to the log and tried again. */
export function keepServer(
  home: RedisHome,
  first: RunningServer,
  options: { env: NodeJS.ProcessEnv; log: Log; tell(event: RedisEvent): void },
): Keeper {
  const { log, tell } = options;
  const released = new AbortController();
  let server = first.identity;
  let since = performance.now();
  let deaths = 0;
  let revival: Promise<void> = Promise.resolve();
  const watch = (): (() => void) =>
    watchServer(home.socket, server, () => {
      revival = died().catch((error: unknown) => log.error({}, messageOf(error)));
    });

  const died = async (): Promise<void> => {
    const at = performance.now();
    deaths = at - since > forgivenAfter ? 0 : deaths;
    log.warn({ pid: server.pid }, "the private Redis died; bringing it back");
    tell({ type: "died", pid: server.pid });
    const back = await revive(home, { ...options, deaths, signal: released.signal });
    if (back === undefined) return;
    deaths = back.deaths;
    server = back.identity;
    since = performance.now();
    unwatch = watch();
    const awayMs = Math.round(since - at);
    log.info({ pid: server.pid, awayMs }, "the private Redis is back");
    tell({ type: "back", pid: server.pid, awayMs });
  };

  let unwatch = watch();
  return {
    get server() {
      return server;
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
): Promise<{ identity: Identity; deaths: number } | undefined> {
  let said = "";
  for (let deaths = options.deaths; ; deaths += 1) {
    const rest = deaths === 0 ? 0 : Math.min(firstPause * 2 ** (deaths - 1), longestPause);
    try {
      if (rest > 0) await pause(rest, undefined, { signal: options.signal });
      const { identity } = await runServer(home, options);
      return { identity, deaths: deaths + 1 };
    } catch (error) {
      if (options.signal.aborted) return undefined;
      const message = messageOf(error);
      if (message !== said) options.log.error({ deaths }, `the private Redis is not back: ${message}`);
      said = message;
    }
  }
}
