import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { systemClock } from "../lib/clock.ts";
import type { Config } from "../model/config.ts";
import { UnreachableError } from "../model/errors.ts";
import type { FleetReader, FleetRequests } from "../model/fleet.ts";
import { connectFast, describeRedis, type RedisSource } from "../redis/connection.ts";
import { socketPath } from "../system/short-socket.ts";

/** What a command may ask of the fleet. */
export interface FleetClient {
  readonly reader: FleetReader;
  /** Opens the queues when it is first called. Rejects with an `UnreachableError` when Redis takes no requests. */
  requests(): Promise<FleetRequests>;
  /** Rejects with an `UnreachableError` when the connection is lost: whoever waits for something races with it. */
  readonly lost: Promise<never>;
  /** Why Redis cannot be used although it answers; undefined when it can. */
  refusal(): Promise<string | undefined>;
  /** What Redis refused as an `UnreachableError` that says why and what to do; any other error as it is. */
  explained(error: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Which Redis this config means: its own, or the private one of `stateDir`. Makes nothing. */
export function sourceOf(config: Config): RedisSource {
  if (config.redis !== undefined) return { url: config.redis };
  const folder = join(config.stateDir, "redis");
  try {
    return { socket: socketPath(realpathSync(folder), "redis.sock") };
  } catch {
    return { socket: join(folder, "redis.sock") };
  }
}

/** Connects, or rejects at once with an `UnreachableError` that says what to do. */
export async function openClient(config: Config): Promise<FleetClient> {
  const source = sourceOf(config);
  const redis = await reach(source, config);
  const closers: (() => Promise<void> | void)[] = [];
  const duplicate = (): Redis => {
    const copy = redis.duplicate({
      lazyConnect: false,
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
    });
    copy.on("error", () => undefined);
    closers.push(() => copy.disconnect());
    return copy;
  };
  const [{ createFleetReader }, { whyRefused, explained }] = await Promise.all([
    import("../store/reader.ts"),
    import("../store/refusal.ts"),
  ]);
  const refusal = () => whyRefused(redis, config.node);
  let requests: Promise<FleetRequests> | undefined;
  return {
    lost: lossOf(redis, source),
    reader: createFleetReader({ redis, node: config.node, clock: systemClock, duplicate }),
    refusal,
    explained: (error) => explained(error, redis, config.node),
    requests: async () => {
      const why = await refusal();
      if (why !== undefined) throw new UnreachableError(why);
      requests ??= openRequests({ redis, duplicate, node: config.node, closers });
      return requests;
    },
    close: async () => {
      for (const close of closers) await close();
      redis.disconnect();
    },
  };
}

/** Runs with a client and closes it, whatever happens. */
export async function withClient<T>(config: Config, use: (client: FleetClient) => Promise<T>): Promise<T> {
  const client = await openClient(config);
  try {
    return await use(client);
  } catch (error) {
    throw await client.explained(error);
  } finally {
    await client.close();
  }
}

function lossOf(redis: Redis, source: RedisSource): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    redis.once("end", () =>
      reject(new UnreachableError(`the connection to ${describeRedis(source)} was lost; is Redis running?`)),
    );
  });
  // Nobody may be waiting, and closing it ourselves is no loss.
  lost.catch(() => undefined);
  return lost;
}

/** A connection that is ready, or an `UnreachableError` that says what to do. */
export async function reach(source: RedisSource, config: Config): Promise<Redis> {
  try {
    return await connectFast(source);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const what =
      config.redis === undefined
        ? "is healq running? start it with `healq up`"
        : "is that Redis running, and the address in the config right?";
    throw new UnreachableError(`${error.message}; ${what}`, error);
  }
}

async function openRequests(parts: {
  redis: Redis;
  duplicate: () => Redis;
  node: string;
  closers: (() => Promise<void> | void)[];
}): Promise<FleetRequests> {
  const { redis, node, duplicate, closers } = parts;
  const [{ openQueues }, { createFleetRequests }] = await Promise.all([
    import("../queues/queues.ts"),
    import("../queues/requests.ts"),
  ]);
  const queues = openQueues({ connection: redis, eventsConnection: duplicate, failFast: true });
  // Before the connections that it uses are.
  closers.unshift(() => queues.close());
  return createFleetRequests({ queues, redis, node, clock: systemClock });
}
