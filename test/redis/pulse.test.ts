import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { keepPulse } from "../../src/redis/pulse.ts";
import { useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

test("a Redis that is silent is away within two seconds, for what was sent to it too, and is back by itself", async () => {
  const server = await useRedis();
  const redis = new Redis({
    path: server.socket,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  });
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  onTestFinished(keepPulse(redis));
  await until(() => redis.status === "ready");

  process.kill(server.pid, "SIGSTOP");
  const at = performance.now();
  await expect(redis.get("key")).rejects.toThrow();
  expect(performance.now() - at).toBeLessThan(4_000);
  expect(redis.status).not.toBe("ready");
  process.kill(server.pid, "SIGCONT");
  await until(async () => (await redis.ping()) === "PONG");
});

test("a connection that answers is left alone, however often it is asked", async () => {
  const server = await useRedis();
  const redis = server.connect();
  onTestFinished(keepPulse(redis));
  await until(() => redis.status === "ready");
  let broke = 0;
  redis.on("close", () => {
    broke += 1;
  });
  const asked = async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const before = await asked();
  await until(async () => (await asked()) >= before + 4, { within: 10_000, what: "asked four times" });
  expect(broke).toBe(0);
});
