import type { Redis } from "ioredis";
import { orAborted } from "../lib/or-aborted.ts";
import { withSignal } from "../lib/with-signal.ts";
import type { CheckMemory } from "../model/ports.ts";
import { addressOptions } from "./redis-source.ts";

/** A connection to the Redis of another program, kept open from look to look. */
interface RedisSession {
  readonly redis: Redis;
  /** It has answered before. */
  proven: boolean;
  /** Why it was lost, when that is known. */
  fault?: unknown;
  close(): void;
}

/** Whom to ask, and for how long: `timeout` milliseconds, connecting included. */
export interface RedisAsk {
  readonly url: string;
  readonly timeout: number;
}

const key = "redis";

/**
 * Asks on the target's own connection, which its memory keeps and closes. One that was open already and turns out to be gone is made
 * anew once. Rejects with a `TimeoutError`, with what the server says, or with why it cannot be reached; nothing is tried for longer.
 */
export async function askRedis<T>(
  memory: CheckMemory,
  { url, timeout }: RedisAsk,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const { Redis: driver } = await import("./redis-driver.ts");
  return withSignal({ signals: [], timeout }, async (signal) => {
    const session = sessionOf(memory, url, driver);
    const { proven } = session;
    try {
      return await askOn(session, signal, ask);
    } catch (error) {
      if (!proven || signal.aborted || session.redis.status !== "end") throw session.fault ?? error;
      const anew = sessionOf(memory, url, driver);
      return await askOn(anew, signal, ask).catch((again: unknown) => {
        throw anew.fault ?? again;
      });
    }
  });
}

async function askOn<T>(
  session: RedisSession,
  signal: AbortSignal,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  try {
    const answer = await orAborted(ask(session.redis), signal);
    session.proven = true;
    return answer;
  } catch (error) {
    // Nobody can tell what a connection that did not answer in time is still busy with.
    if (signal.aborted) session.close();
    throw error;
  }
}

function sessionOf(memory: CheckMemory, url: string, driver: typeof Redis): RedisSession {
  // Only sessions are kept under this key.
  const kept = memory.get(key) as RedisSession | undefined;
  if (kept !== undefined && kept.redis.status !== "end") return kept;
  const made = openSession(url, driver);
  memory.set(key, made);
  return made;
}

function openSession(url: string, driver: typeof Redis): RedisSession {
  const redis = new driver({
    ...addressOptions({ url }),
    replyMapping: "legacy",
    connectionName: "healq",
    // It asks INFO, which a user with few rights may not; a server that still loads its data says so to any question.
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  const session: RedisSession = { redis, proven: false, close: () => redis.disconnect() };
  redis.on("error", (error: unknown) => {
    session.fault = error;
  });
  return session;
}
