import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { makeScratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** A redis-server of the tests' own, on a Unix socket, with nothing in it. */
export interface TestRedis {
  readonly socket: string;
  /** For the config's `redis:`. */
  readonly url: string;
  /** Of the server that runs now. */
  readonly pid: number;
  /** A new connection; closed by `stop`. */
  connect(): Redis;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with its data if it keeps any. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one; rejects when redis-server is not on PATH. With `appendonly` it keeps its data over a `kill`. */
export async function startRedis({ appendonly = false } = {}): Promise<TestRedis> {
  const folder = makeScratch();
  const socket = join(folder, "r.sock");
  const argv = ["--port", "0", "--unixsocket", socket, "--save", "", "--hz", "100", "--dir", folder].concat([
    "--appendonly",
    appendonly ? "yes" : "no",
    // `everysec` may put a write off while an fsync runs, and a kill then loses it; what the kernel has, a kill does not lose.
    "--appendfsync",
    "no",
    "--maxmemory-policy",
    "noeviction",
  ]);
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const redis = new Redis({ path: socket, maxRetriesPerRequest: null, retryStrategy: () => 20 });
    redis.on("error", () => undefined);
    connections.push(redis);
    return redis;
  };
  const first = connect();
  const start = async (): Promise<ChildProcess> => {
    const child = spawn("redis-server", argv, { stdio: "ignore" });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    failed.catch(() => undefined);
    await Promise.race([
      failed,
      until(async () => (await first.ping()) === "PONG", { within: 15_000, what: "redis-server answers" }),
    ]);
    return child;
  };
  let server = await start();
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return {
    socket,
    url: `unix://${socket}`,
    get pid() {
      return server.pid ?? 0;
    },
    connect,
    kill,
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      for (const redis of connections) redis.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One that is stopped when the current test ends. */
export async function useRedis(options: { appendonly?: boolean } = {}): Promise<TestRedis> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}
