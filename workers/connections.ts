import { once } from "node:events";
import { Redis } from "ioredis";
import type { Releasers } from "../src/lib/releasers.ts";
import type { Config } from "../src/model/config.ts";
import { UnreachableError } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import {
  checkServer,
  connectFast,
  connectPatient,
  describeRedis,
  type RedisSource,
  redisOptions,
} from "../src/redis/connection.ts";
import { ensurePrivateRedis, privateSocket } from "../src/redis/private.ts";
import { keepPulse } from "../src/redis/pulse.ts";
import { createComplainer } from "./complainer.ts";

/** An answer that takes longer than this (milliseconds) counts as none: Redis may be stopped. */
const answerWithin = 3_000;

/** How a node reaches Redis. */
export interface Connections {
  /** Reconnects for ever; a command fails at once while Redis is away, instead of waiting. */
  readonly swift: Redis;
  /** A connection whose commands wait for Redis: for BullMQ's workers and for what blocks. Closed with the others. */
  patient(): Redis;
  /** Ends healq's private Redis; nothing where it has none. */
  stopServer(): Promise<void>;
}

/** Makes sure that there is a Redis (the private one only if this process supervises), checks it, and connects. */
export async function openConnections(options: {
  config: Config;
  supervises: boolean;
  env: NodeJS.ProcessEnv;
  log: Log;
  releasers: Releasers;
}): Promise<Connections> {
  const { config, log, releasers } = options;
  const { source, stopServer } = await server(options);
  await assertUsable(source, log);
  const toLog = createComplainer(log);
  const complain = (message: string) => toLog(`Redis: ${message}`);
  const swift = new Redis({
    ...redisOptions(source, "patient"),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: answerWithin,
  });
  swift.on("error", (error: unknown) => complain(error instanceof Error ? error.message : String(error)));
  const stopPulse = keepPulse(swift);
  releasers.add("redis", () => {
    stopPulse();
    swift.disconnect();
  });
  if (swift.status !== "ready") await Promise.race([once(swift, "ready"), late(config, source)]);
  return {
    swift,
    patient: () => {
      const redis = connectPatient(source, complain);
      releasers.add("redis", () => redis.disconnect());
      return redis;
    },
    stopServer,
  };
}

async function server({ config, supervises, env, log, releasers }: Parameters<typeof openConnections>[0]) {
  if (config.redis !== undefined) return { source: { url: config.redis }, stopServer: async () => undefined };
  if (!supervises)
    return { source: { socket: privateSocket(config.stateDir) }, stopServer: async () => undefined };
  const own = await ensurePrivateRedis({ stateDir: config.stateDir, env, log });
  releasers.add("private redis", () => own.release());
  log.info(
    { pid: own.pid, socket: own.socket },
    own.started ? "started the private Redis" : "adopted the private Redis",
  );
  return { source: { socket: own.socket }, stopServer: () => own.stop() };
}

/** A server that healq cannot work with is refused at the start; one that may lose things is warned about. */
async function assertUsable(source: RedisSource, log: Log): Promise<void> {
  const redis = await connectFast(source, answerWithin);
  try {
    for (const { severity, message } of await checkServer(redis)) {
      if (severity === "problem") throw new UnreachableError(`${describeRedis(source)}: ${message}`);
      log.warn({}, message);
    }
  } finally {
    redis.disconnect();
  }
}

async function late(config: Config, source: RedisSource): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, answerWithin).unref());
  throw new UnreachableError(`${describeRedis(source)} does not answer (node ${config.node})`);
}
