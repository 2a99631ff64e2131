import { Redis } from "ioredis";
import { HealqError, UnreachableError } from "../model/errors.ts";
import { redisReason } from "../system/redis-reason.ts";
import { addressOptions, describeRedis, type RedisSource } from "../system/redis-source.ts";

export { describeRedis, type RedisSource } from "../system/redis-source.ts";
export { checkServer } from "./check-server.ts";

/**
 * How a connection behaves when Redis is away. `patient`: for the processes of a node; it reconnects for ever and its commands wait.
 * `fail-fast`: for commands of a person; nothing waits, nothing is tried again.
 */
type RedisUse = "patient" | "fail-fast";

/** The longest pause between two tries to reconnect, in milliseconds (BullMQ's own grows to 20 s). */
const longestPause = 1_000;

/** How long one connection may take, in milliseconds. */
const connectTimeout = { patient: 5_000, "fail-fast": 2_000 } as const;

/** The options healq hands to ioredis and to BullMQ. Answers come in the shapes of RESP2, which BullMQ and our scripts read. */
interface ConnectionOptions {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string };
  readonly db: number;
  readonly replyMapping: "legacy";
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: number | null;
  readonly retryStrategy: (times: number) => number | null;
  readonly enableOfflineQueue: boolean;
}

/** Options for ioredis, and for BullMQ's `connection`. Throws a `UsageError` for a URL that cannot be used. */
export function redisOptions(source: RedisSource, use: RedisUse): ConnectionOptions {
  return {
    ...addressOptions(source),
    replyMapping: "legacy",
    connectTimeout: connectTimeout[use],
    ...(use === "patient"
      ? // BullMQ's Worker refuses a connection whose commands give up.
        {
          maxRetriesPerRequest: null,
          retryStrategy: (times) => Math.min(times * 50, longestPause),
          enableOfflineQueue: true,
        }
      : { maxRetriesPerRequest: 0, retryStrategy: () => null, enableOfflineQueue: false }),
  };
}

/** A connection that waits for Redis as long as it takes. `onError` is told of each failure; it is never thrown. */
export function connectPatient(
  source: RedisSource,
  onError: (message: string) => void = () => undefined,
): Redis {
  const redis = new Redis(redisOptions(source, "patient"));
  redis.on("error", (error: unknown) => onError(`${describeRedis(source)}: ${redisReason(error)}`));
  return redis;
}

/**
 * A connection that is ready, or an `UnreachableError` that says why not, within `within` milliseconds (default 3 s).
 * When it is lost later its commands reject at once.
 */
export async function connectFast(source: RedisSource, within = 3_000): Promise<Redis> {
  const redis = new Redis({ ...redisOptions(source, "fail-fast"), lazyConnect: true });
  let last: unknown;
  redis.on("error", (error: unknown) => {
    last = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${within / 1_000} s, or still loading its data`)),
      within,
    );
  });
  try {
    await Promise.race([redis.connect(), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof HealqError) throw error;
    throw new UnreachableError(`cannot reach ${describeRedis(source)}: ${redisReason(last ?? error)}`, error);
  } finally {
    clearTimeout(timer);
  }
}
