import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeNode } from "../support/node.ts";
import { makeQueue, makeWorker } from "../support/queue.ts";
import { useRedis } from "../support/redis.ts";
import { told, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

const program = fileURLToPath(new URL("../support/queue-worker.mjs", import.meta.url));

test("a consumer that hangs in a job is restarted for its queue, once, and the job is done", async () => {
  const redis = await useRedis();
  const queue = makeQueue(redis, "orders");
  // The first time it hangs in its job, and says nothing; then it is well.
  const start = `[ -e seen ] && how=done || how=hang; touch seen; exec "${process.execPath}" "${program}" "${redis.socket}" orders $how`;
  const node = makeNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      consumer: { kind: "process", run: ["sh", "-c", start], stableFor: "200ms", stop: { timeout: "1s" } },
      orders: {
        kind: "queue",
        redis: redis.url,
        queue: "orders",
        oldest: "1s",
        workers: 0,
        target: "consumer",
      },
    },
  });
  await queue.addBulk([
    { name: "a", data: {} },
    { name: "a", data: {} },
  ]);
  await node.up();
  await untilTold(node, "orders", "heal.succeeded", { within: 30_000 });
  expect(told(node, "orders", "heal.started")).toMatchObject([{ symptom: "queue.old", action: "target" }]);
  expect(told(node, "consumer", "heal.started")).toMatchObject([
    { action: "restart", reason: expect.stringMatching(/^orders: job \d has waited for /) },
  ]);
  await until(async () => (await queue.getCompletedCount()) === 2, { within: 10_000 });
});

test("jobs that failed are retried once by the queue's own ladder; what fails again is left to people", async () => {
  const redis = await useRedis();
  const queue = makeQueue(redis, "orders");
  const tries = new Map<string, number>();
  await makeWorker(redis, "orders", async (id) => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    if (id === "bad" || tries.get(id) === 1) throw new Error("the card was refused");
  });
  const node = makeNode({
    defaults: { every: "1s", probation: "1s", budget: { max: 3, per: "1h" }, verify: { within: "2s" } },
    targets: {
      orders: {
        kind: "queue",
        redis: redis.url,
        queue: "orders",
        failed: { max: 0, per: "1h" },
        attempts: 1,
        backoff: { delay: "1s", max: "1s", jitter: 0 },
        heal: { "queue.failing": ["retry-failed"] },
      },
    },
  });
  await queue.add("a", {}, { jobId: "good" });
  await until(async () => (await queue.getFailedCount()) === 1);
  await node.up();
  await untilTold(node, "orders", "heal.succeeded", { within: 30_000 });
  expect(told(node, "orders", "heal.succeeded")[0]?.details).toMatchObject({ retried: 1, gone: 0 });
  expect(await queue.getCompletedCount()).toBe(1);
  await queue.add("a", {}, { jobId: "bad" });
  await untilTold(node, "orders", "heal.failed", { times: 2, within: 30_000 });
  expect(tries.get("bad")).toBe(2);
});
