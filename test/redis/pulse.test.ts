import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { keepPulse } from "../../src/redis/pulse.ts";
import { useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

/** A connection whose pulse is kept, and how often it broke. */
async function watched() {
  const redis = (await useRedis()).connect();
  onTestFinished(keepPulse(redis));
  await until(() => redis.status === "ready");
  let count = 0;
  redis.on("close", () => {
    count += 1;
  });
  return { redis, broke: () => count };
}

test("a Redis that is silent is away within a second or two, for what was sent to it too, and is back by itself", async () => {
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
  expect(performance.now() - at).toBeLessThan(10_000);
  expect(redis.status).not.toBe("ready");
  process.kill(server.pid, "SIGCONT");
  await until(async () => (await redis.ping()) === "PONG");
});

test("a connection that answers is left alone, however often it is asked", async () => {
  const { redis, broke } = await watched();
  const asked = async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const before = await asked();
  await until(async () => (await asked()) >= before + 4, { within: 10_000, what: "asked four times" });
  expect(broke()).toBe(0);
});

test("a connection that is busy answering what was sent before is left alone", async () => {
  const { redis, broke } = await watched();
  // Each takes 100 ms and fills the buffer by itself, so that it is answered before the next one; the question comes last.
  const slow = `local now = function() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
    local till = now() + 100
    repeat until now() > till`;
  const full = "x".repeat(32 * 1024);
  await Promise.all(Array.from({ length: 25 }, () => redis.eval(slow, 0, full)));
  expect(broke()).toBe(0);
});
