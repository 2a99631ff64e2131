import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { makeScratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** A redis-server of the tests' own, on a Unix socket, with nothing in it. */
export interface TestRedis {
  readonly socket: string;
  /** For the config's `redis:`. */
  readonly url: string;
  readonly pid: number;
  /** A new connection; closed by `stop`. */
  connect(): Redis;
  stop(): Promise<void>;
}

/** Starts one; rejects when redis-server is not on PATH. */
export async function startRedis(): Promise<TestRedis> {
  const folder = makeScratch();
  const socket = join(folder, "r.sock");
  const server = spawn(
    "redis-server",
    [
      "--port",
      "0",
      "--unixsocket",
      socket,
      "--save",
      "",
      "--appendonly",
      "no",
      "--hz",
      "100",
      "--dir",
      folder,
      "--maxmemory-policy",
      "noeviction",
    ],
    { stdio: "ignore" },
  );
  const failed = new Promise<never>((_, reject) => server.once("error", reject));
  failed.catch(() => undefined);
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const redis = new Redis({ path: socket, maxRetriesPerRequest: null, retryStrategy: () => 20 });
    redis.on("error", () => undefined);
    connections.push(redis);
    return redis;
  };
  const first = connect();
  await Promise.race([
    failed,
    until(async () => (await first.ping()) === "PONG", { what: "redis-server answers" }),
  ]);
  return {
    socket,
    url: `unix://${socket}`,
    pid: server.pid ?? 0,
    connect,
    stop: async () => {
      for (const redis of connections) redis.disconnect();
      const gone = new Promise((resolve) => server.once("exit", resolve));
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGKILL");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
