import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { NodeRecord } from "../../src/model/fleet.ts";
import { enqueueAlert, enqueueChecks, enqueueHeal, enqueueWish } from "../../src/queues/enqueue.ts";
import { isReachable, locate } from "../../src/queues/locate.ts";
import { healQueue } from "../../src/queues/names.ts";
import { outcomeOf } from "../../src/queues/outcome.ts";
import { promoteOverlong } from "../../src/queues/overlong.ts";
import { openQueues, type Queues } from "../../src/queues/queues.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

let server: TestRedis;
let redis: Redis;
let queues: Queues;
beforeAll(async () => {
  server = await startRedis();
  redis = server.connect();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  const own = openQueues({ connection: server.connect(), eventsConnection: () => server.connect() });
  queues = own;
  onTestFinished(() => own.close());
});

const nodeRecord = (node: string, alive: boolean, targets: readonly string[] = []): NodeRecord => ({
  node,
  pid: 1,
  host: "h",
  version: "1",
  startedAt: 0,
  seenAt: 0,
  alive,
  targets: targets.map((id) => ({ id, kind: "file", tries: 2 })),
});
const here = async () => [nodeRecord("n", true)];

/** Runs the heals of node `n` as `run` says. */
function work(run: (job: Job) => Promise<unknown>): Worker {
  const { name, prefix } = healQueue("n");
  const worker = new Worker(name, run, {
    connection: server.connect(),
    prefix,
    concurrency: 100,
    drainDelay: 1,
  });
  onTestFinished(() => worker.close(true));
  return worker;
}

test("looks are asked for in jobs of at most 100 targets", async () => {
  const targets = Array.from({ length: 250 }, (_, n) => `t${n}`);
  const jobs = await enqueueChecks(queues, "n", { targets, trigger: "cron" });
  expect(jobs.map((job) => job.data.targets.length)).toEqual([100, 100, 50]);
  expect(jobs.flatMap((job) => job.data.targets)).toEqual(targets);
  const wake = { delay: 60_000, wakeId: "wake.a.5" };
  for (const _ of [1, 2]) await enqueueChecks(queues, "n", { targets: ["a"], trigger: "event" }, wake);
  expect(await queues.check("n").getDelayedCount()).toBe(1);
});

test("jobs that wait longer than they were told to, because the clock was set back, wait no longer; others do", async () => {
  const queue = queues.heal("n");
  const job = await queue.add("heal:run", { target: "a" }, { delay: 60_000 });
  const now = Date.now();
  expect(await promoteOverlong([queue], { redis, now })).toBe(0);
  expect(await job.isDelayed()).toBe(true);
  expect(await promoteOverlong([queue], { redis, now: now - 3_600_000 })).toBe(1);
  expect(await job.isWaiting()).toBe(true);
});

test("plain heals of one target are one job until it ends; dry runs, forced heals and other targets are their own", async () => {
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      enqueueHeal(queues, "n", { target: "a", ...(n % 2 ? { requestedBy: "p" } : {}) }, 3),
    ),
  );
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  const own = [
    await enqueueHeal(queues, "n", { target: "a", dryRun: true }, 3),
    await enqueueHeal(queues, "n", { target: "a", dryRun: true }, 3),
    await enqueueHeal(queues, "n", { target: "a", force: true }, 3),
    await enqueueHeal(queues, "n", { target: "a", force: true }, 3),
    await enqueueHeal(queues, "n", { target: "b" }, 3),
    await enqueueWish(queues, "n", { target: "a", wish: "stop" }),
  ];
  expect(new Set([...own, ...all].map(({ id }) => id)).size).toBe(7);
  expect(own[0]?.opts.attempts).toBe(1);
  expect(own[2]?.opts.attempts).toBe(3);

  const worker = work(async ({ data }) => data.target);
  await until(
    () =>
      queues
        .heal("n")
        .getCompletedCount()
        .then((count) => count === 7),
    { what: "all are done" },
  );
  await worker.close();
  const next = await enqueueHeal(queues, "n", { target: "a" }, 3);
  expect(next.id).not.toBe(all[0]?.id);
});

test("a person does not wait for the back-off of the heal that is under way; policy does", async () => {
  let tries = 0;
  const { name, prefix } = healQueue("n");
  const worker = new Worker(
    name,
    async () => {
      tries += 1;
      if (tries === 1) throw new Error("not yet");
      return "cured";
    },
    { connection: server.connect(), prefix, drainDelay: 1, settings: { backoffStrategy: () => 3_600_000 } },
  );
  onTestFinished(() => worker.close(true));
  const job = await enqueueHeal(queues, "n", { target: "a" }, 3);
  await until(() => job.isDelayed(), { what: "it backs off" });
  const again = await enqueueHeal(queues, "n", { target: "a" }, 3);
  expect([again.id, await job.isDelayed()]).toEqual([job.id, true]);
  const asked = await enqueueHeal(queues, "n", { target: "a", requestedBy: "ann" }, 3);
  expect(asked.id).toBe(job.id);
  expect(await outcomeOf(queues, { node: "n", job: asked, nodes: here })).toBe("cured");
});

test("the same alert is one job over each channel", async () => {
  const alert = {
    node: "n",
    target: "a",
    event: "e",
    severity: "info",
    critical: false,
    message: "m",
    at: 1,
  } as const;
  for (const channel of ["mail", "mail", "page"]) await enqueueAlert(queues, channel, alert, "a.e.i1");
  expect(await queues.alert.getWaitingCount()).toBe(2);
});

test("an outcome is the job's return value or its reason, whether it ends before or after it is asked for", async () => {
  const early = await enqueueHeal(queues, "n", { target: "early" }, 1);
  work(async ({ data }) => {
    if (data.target === "bad") throw new Error("cannot be cured");
    return { target: data.target };
  });
  await until(() => early.isCompleted());
  const late = await enqueueHeal(queues, "n", { target: "late" }, 1);
  const bad = await enqueueHeal(queues, "n", { target: "bad" }, 1);
  const of = (job: Job) => outcomeOf(queues, { node: "n", job, nodes: here });
  const twice = Promise.all([of(late), of(late)]);
  await expect(of(bad)).rejects.toThrow("cannot be cured");
  await expect(of(bad)).rejects.toThrow("cannot be cured");
  expect(await twice).toEqual([{ target: "late" }, { target: "late" }]);
  expect(await of(early)).toEqual({ target: "early" });
});

test("a job that is removed while it is waited for is told to be gone", async () => {
  const job = await enqueueHeal(queues, "n", { target: "a" }, 1);
  const outcome = outcomeOf(queues, { node: "n", job, nodes: here });
  await Promise.all([expect(outcome).rejects.toMatchObject({ code: "job-gone" }), job.remove()]);
});

test("who waits may give up; the job goes on", async () => {
  const job = await enqueueHeal(queues, "n", { target: "a" }, 1);
  const stop = new AbortController();
  const outcome = outcomeOf(queues, { node: "n", job, nodes: here, signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(outcome).rejects.toThrow("enough");
  expect(await job.isWaiting()).toBe(true);
});

test("a node that nobody has seen for the time allowed makes what waits for it fail, and its job is withdrawn", async () => {
  const job = await enqueueHeal(queues, "n", { target: "a" }, 1);
  let alive = true;
  const nodes = async () => [nodeRecord("n", alive), nodeRecord("other", true)];
  let ended = false;
  const outcome = outcomeOf(queues, { node: "n", job, nodes, within: 200 }).finally(() => {
    ended = true;
  });
  const unreachable = expect(outcome).rejects.toMatchObject({
    code: "node-unreachable",
    message: "node-unreachable: n has not been seen for 200 ms",
  });
  let looks = 0;
  await until(() => {
    looks += 1;
    return looks > 30;
  });
  expect(ended).toBe(false);
  alive = false;
  await unreachable;
  expect(await job.getState()).toBe("unknown");
});

test("while Redis is away nobody is unreachable, and what ended meanwhile is heard of", async () => {
  const job = await enqueueHeal(queues, "n", { target: "a" }, 1);
  let away = true;
  let asked = 0;
  const nodes = async () => {
    asked += 1;
    if (away) throw new Error("Redis is away");
    return [nodeRecord("n", false)];
  };
  const outcome = outcomeOf(queues, { node: "n", job, nodes, within: 100 });
  const failed = expect(outcome).rejects.toMatchObject({ code: "node-unreachable" });
  await until(() => asked > 5);
  expect(await job.isWaiting()).toBe(true);
  away = false;
  await failed;
});

test("a target is looked after where somebody lives who has it", () => {
  const nodes = [
    nodeRecord("dead", false, ["a", "b"]),
    nodeRecord("live", true, ["a"]),
    nodeRecord("any", false, ["c"]),
  ];
  expect(locate(nodes, "a")).toEqual({ node: "live", tries: 2 });
  expect(locate(nodes, "b")).toEqual({ node: "dead", tries: 2 });
  expect(locate(nodes, "c")).toEqual({ node: "any", tries: 2 });
  expect(() => locate(nodes, "__proto__")).toThrow("no node has a target named __proto__");
  expect([isReachable(nodes, "dead"), isReachable(nodes, "live"), isReachable(nodes, "any")]).toEqual([
    false,
    true,
    true,
  ]);
  expect(isReachable([nodeRecord("dead", false)], "any")).toBe(false);
});
