import type { Queue, Worker } from "bullmq";
import { afterAll, beforeAll, expect, it } from "vitest";
import { remedyOf } from "../../src/remedies/registry.ts";
import { targetOf } from "../support/look.ts";
import { makeQueue, makeWorker } from "../support/queue.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { until } from "../support/wait.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

let made = 0;

/** A queue with so many jobs that failed; its worker is paused afterwards. */
async function failed(count: number, attempts = 1): Promise<{ name: string; queue: Queue; worker: Worker }> {
  const name = `orders-${++made}`;
  const queue = makeQueue(redis, name);
  const worker = await makeWorker(redis, name, async () => {
    throw new Error("the card was refused");
  });
  for (let job = 1; job <= count; job++) {
    await queue.add("a", { card: "4111" }, { jobId: `j${job}`, attempts });
    await until(async () => (await queue.getFailedCount()) === job);
  }
  await worker.pause();
  return { name, queue, worker };
}

const at = (queue: string, written: object = {}) =>
  targetOf("queue", { redis: redis.url, queue, failed: { max: 0, per: "5m" }, ...written });

it("puts jobs that failed lately back to work, the oldest first and never more than max", async () => {
  const { name, queue } = await failed(4);
  await redis.connect().zadd(`bull:${name}:failed`, Date.now() - 600_000, "j1");
  const { said, details } = await remedyRig().apply("retry-failed", at(name), { max: 2 });
  expect(said).toEqual([`retry 2 jobs of bull:${name} that failed within 5m (j2, j3)`]);
  expect(details).toEqual({ retried: 2, gone: 0 });
  expect((await queue.getWaiting()).map(({ id }) => id).sort()).toEqual(["j2", "j3"]);
  expect((await queue.getFailed()).map(({ id }) => id).sort()).toEqual(["j1", "j4"]);
});

it.each([1, 3])(
  "retries each once: one that fails again (of %d attempts) is left to people, by a healq that was restarted too",
  async (attempts) => {
    const { name, queue, worker } = await failed(1, attempts);
    const rig = remedyRig();
    await rig.apply("retry-failed", at(name));
    worker.resume();
    await until(async () => (await queue.getFailedCount()) === 1);
    await worker.pause();
    for (const again of [rig, remedyRig()])
      await expect(again.apply("retry-failed", at(name))).rejects.toThrow(
        `nothing was done: 1 job of bull:${name} has failed again after a retry; a person must look`,
      );
    expect(await queue.getFailedCount()).toBe(1);
  },
);

it("does nothing in a queue that is paused, in one of an old BullMQ, and where nothing failed", async () => {
  const { name, queue } = await failed(1);
  await queue.pause();
  await expect(remedyRig().apply("retry-failed", at(name))).rejects.toThrow(`bull:${name} is paused`);
  await queue.resume();
  await redis.connect().hset(`bull:${name}:meta`, "version", "bullmq:4.12.1");
  await expect(remedyRig().apply("retry-failed", at(name))).rejects.toThrow("needs 5 or newer");
  expect(await queue.getFailedCount()).toBe(1);
  const none = await remedyRig().apply("retry-failed", at("none"));
  expect(none.said).toEqual(["no job to retry failed lately in bull:none: leave all as it is"]);
  expect(await redis.connect().keys("bull:none:*")).toEqual([]);
});

it("passes over a job that somebody removed meanwhile", async () => {
  const { name, queue } = await failed(2);
  const rig = remedyRig();
  const context = rig.context(at(name), { step: () => void queue.remove("j1") });
  const result = await remedyOf("retry-failed")?.apply(context, { max: 100 });
  expect(result?.details).toEqual({ retried: 1, gone: 1 });
});

it("needs to know which jobs, and has a cap", () => {
  const remedy = remedyOf("retry-failed");
  const target = at("q", { failed: undefined });
  expect(remedy?.misfit?.(target, { max: 100 })).toMatch(/needs to know which jobs/);
  expect(remedy?.misfit?.(target, { max: 100, per: 1_000 })).toBeUndefined();
  expect(remedy?.schema.safeParse({ max: 1_001 }).success).toBe(false);
  expect(remedy?.schema.parse({})).toEqual({ max: 100 });
});

it("says why the Redis cannot be asked", async () => {
  const target = at("q", { redis: "redis://:hunter2@127.0.0.1:1" });
  await expect(remedyRig().apply("retry-failed", target)).rejects.toThrow(
    "redis://:***@127.0.0.1:1: connection refused, nothing listens there",
  );
});
