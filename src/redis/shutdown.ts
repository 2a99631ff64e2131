import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { HealqError, messageOf } from "../model/errors.ts";
import type { Identity } from "../model/process.ts";
import { isAlive } from "../system/procfs.ts";
import { signalOne } from "../system/signals.ts";
import { redisOptions } from "./connection.ts";
import { clearHome, type RedisHome } from "./home.ts";

/** How long the server may take to save and end, in milliseconds: asked by SHUTDOWN, then by SIGTERM. */
const patience = { shutdown: 10_000, sigterm: 5_000 } as const;

/** Ends the server: SHUTDOWN, which writes its file out; then SIGTERM. Rejects when it lives on; it is never killed, which could lose a second of work. */
export async function shutDown(home: RedisHome, server: Identity): Promise<void> {
  const wasAsked = await Promise.race([askToShutDown(home.socket), gone(server, patience.shutdown)]);
  const isGone = (wasAsked && (await gone(server, patience.shutdown))) || (await terminate(server));
  if (!isGone) {
    throw new HealqError(
      "redis-stop",
      `the private Redis (pid ${server.pid}) did not stop in ${home.folder}; see ${home.log}, then: kill -KILL ${server.pid}`,
    );
  }
  clearHome(home);
}

/** SIGTERM to exactly this process; resolves with whether it is gone in time. */
export async function terminate(server: Identity): Promise<boolean> {
  if (!signalOne(server, "SIGTERM")) return true;
  return gone(server, patience.sigterm);
}

/** Whether the process is dead (a zombie is) before `within` milliseconds are over. */
export async function gone(server: Identity, within: number): Promise<boolean> {
  const deadline = performance.now() + within;
  while (isAlive(server) === "alive") {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
}

/** False when nobody could be asked, or the server refused. */
async function askToShutDown(socket: string): Promise<boolean> {
  const redis = new Redis({
    ...redisOptions({ socket }, "fail-fast"),
    lazyConnect: true,
    enableReadyCheck: false,
  });
  redis.on("error", () => undefined);
  let isConnected = false;
  try {
    await redis.connect();
    isConnected = true;
    await redis.call("SHUTDOWN");
    return true;
  } catch (error) {
    // A server that ends gives no answer: the connection is closed instead. One that cannot save answers ERR.
    return isConnected && !messageOf(error).startsWith("ERR");
  } finally {
    redis.disconnect();
  }
}
