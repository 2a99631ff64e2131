import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Target } from "../../src/model/target.ts";
import { loadExample } from "../support/example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { keysOf, makeQueue, makeWorker } from "../support/queue.ts";
import { startRedis, type TestRedis, useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

let made = 0;
/** A queue of the test's own. */
const fresh = () => `orders-${++made}`;

const at = (queue: string, written: object = {}, more: Partial<Target> = {}) =>
  targetOf("queue", { redis: redis.url, queue, workers: 0, ...written }, more);

test("jobs that wait are counted as BullMQ does: with prioritized ones, and with delayed ones that are due", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name, { prefix: "{shop}" });
  await queue.add("secret name", { card: "4111" });
  await queue.add("a", {}, { priority: 3 });
  await queue.add("a", {}, { delay: 3_600_000 });
  const look = (written: object) => makeEye()(at(name, { prefix: "{shop}", ...written }));
  const fine = await look({ waiting: 2 });
  expect(fine).toMatchObject({ status: "ok", metrics: { waiting: 2, delayed: 1, active: 0 } });
  expect(fine.message).toBe("2 wait, 0 active");
  const seen = await look({ waiting: 1 });
  expect(seen.findings).toMatchObject([
    { symptom: "queue.backlog", severity: "warning", message: "2 jobs wait (at most 1)" },
  ]);
  expect(JSON.stringify(seen)).not.toMatch(/secret name|4111/);
  // Nobody moved the delayed one when its time came.
  await redis.connect().zadd(`{shop}:${name}:delayed`, (Date.now() - 60_000) * 0x1000, "3");
  const due = await look({ oldest: "30s" });
  expect(due).toMatchObject({ metrics: { waiting: 3, delayed: 0 } });
  expect(due.findings).toMatchObject([{ symptom: "queue.old", evidence: { job: "3" } }]);
});

test("the job that has waited longest is found in a long queue, at a low priority too; a delay and a try before do not count", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name);
  const ago = (ms: number) => Date.now() - ms;
  await queue.add("a", {}, { jobId: "old", timestamp: ago(120_000) });
  await queue.addBulk(Array.from({ length: 300 }, () => ({ name: "a", data: {} })));
  const eye = makeEye();
  const seen = await eye(at(name, { oldest: "1m" }));
  expect(seen.findings).toMatchObject([
    { symptom: "queue.old", severity: "critical", evidence: { waiting: 301 } },
  ]);
  expect(seen.message).toMatch(/^job old has waited for 2m.* \(at most 1m\)$/);
  expect(await eye(at(name, { oldest: "1h" }))).toMatchObject({ status: "ok" });
  const other = fresh();
  const starved = makeQueue(redis, other);
  await starved.add("a", {}, { jobId: "later", timestamp: ago(3_600_000), delay: 3_599_900 });
  await redis.connect().lpush(`bull:${other}:wait`, "later");
  expect(await eye(at(other, { oldest: "1m" }, { id: "other" }))).toMatchObject({ status: "ok" });
  await starved.add("a", {}, { jobId: "starved", timestamp: ago(180_000), priority: 9 });
  await starved.addBulk(
    Array.from({ length: 60 }, (_, index) => ({
      name: "a",
      data: {},
      opts: { priority: index < 30 ? 1 : 9 },
    })),
  );
  const low = await eye(at(other, { oldest: "1m" }, { id: "other" }));
  expect(low.findings).toMatchObject([{ symptom: "queue.old", evidence: { job: "starved" } }]);
});

test("failures within the window are counted, older ones not", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name);
  await makeWorker(redis, name, async () => {
    throw new Error("card 4111 was refused");
  });
  await queue.addBulk(Array.from({ length: 4 }, () => ({ name: "a", data: {} })));
  await until(async () => (await queue.getFailedCount()) === 4);
  await redis.connect().zadd(`bull:${name}:failed`, Date.now() - 600_000, "1");
  const seen = await makeEye()(at(name, { failed: { max: 2, per: "5m" } }));
  expect(seen.findings).toMatchObject([{ symptom: "queue.failing", evidence: { failed: 3, kept: 4 } }]);
  expect(seen.message).toBe("3 jobs failed within 5m (at most 2)");
  expect(JSON.stringify(seen)).not.toContain("4111");
  expect(await makeEye()(at(name, { failed: { max: 3, per: "5m" } }))).toMatchObject({ status: "ok" });
});

/** A worker process; ended with the current test. */
async function workerProcess(name: string, how: "hang" | "done"): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("../support/queue-worker.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, redis.socket, name, how], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return child;
}

test("a job whose worker is killed in the middle of it is stalled; while it lived it was not", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name);
  const worker = await workerProcess(name, "hang");
  await queue.add("a", {}, { jobId: "mine" });
  await until(async () => (await queue.getActiveCount()) === 1);
  const eye = makeEye();
  const target = at(name, { stalled: "100ms" });
  expect(await eye(target)).toMatchObject({ status: "ok", metrics: { active: 1, unlocked: 0 } });
  worker.kill("SIGKILL");
  const seen = await until(async () => {
    const now = await eye(target);
    return now.status === "critical" ? now : undefined;
  });
  expect(seen.findings).toMatchObject([
    { symptom: "queue.stalled", evidence: { stalled: 1, jobs: ["mine"] } },
  ]);
  expect(seen.message).toBe("1 active job has been without a worker's lock for 100 ms");
  expect(await makeEye()(at(name, { stalled: "1h" }))).toMatchObject({
    status: "ok",
    metrics: { unlocked: 1 },
  });
});

test("jobs that wait without any worker are orphaned; with one, or with a wanted number of them, they are not", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name);
  const eye = makeEye();
  const look = (workers?: number) => eye(at(name, { workers }));
  await queue.waitUntilReady();
  await until(async () => (await look()).status === "ok");
  await queue.add("a", {}, { delay: 3_600_000 });
  expect(await look()).toMatchObject({ status: "ok" });
  await queue.add("a", {});
  const seen = await look();
  expect(seen.findings).toMatchObject([{ symptom: "queue.orphaned", severity: "critical" }]);
  expect(seen.message).toBe("no worker is connected, and 1 job waits");
  // Another queue's worker is none of its own.
  await makeWorker(redis, `${name}x`, async () => undefined);
  expect(await look()).toMatchObject({ status: "critical" });
  await makeWorker(redis, name, () => new Promise(() => undefined));
  await until(async () => (await look()).status === "ok");
  expect(await look(1)).toMatchObject({ status: "ok", metrics: { workers: 1 } });
  const few = await look(2);
  expect(few.findings).toMatchObject([{ symptom: "queue.orphaned", severity: "warning" }]);
  expect(few.message).toBe("1 worker connected, at least 2 wanted");
});

test("a queue that is paused has no fault, and says so; one that is not there is unknown", async () => {
  const name = fresh();
  const queue = makeQueue(redis, name);
  await queue.add("a", {});
  await queue.pause();
  const seen = await makeEye()(at(name, { waiting: 0, oldest: "0s", workers: 2 }));
  expect(seen).toMatchObject({ status: "ok", findings: [] });
  expect(seen.message).toBe("paused, so nothing is wrong with it: 1 wait");
  const gone = await makeEye()(at("no-such-queue"));
  expect(gone).toMatchObject({ status: "unknown" });
  expect(gone.message).toMatch(/^there is no queue bull:no-such-queue yet/);
});

test("looks change no key, keep one connection, and close it with the looker", async () => {
  const own = await useRedis();
  const queue = makeQueue(own, "q");
  await queue.add("a", {});
  await queue.add("a", {}, { priority: 1 });
  await queue.add("a", {}, { delay: 1_000_000 });
  await queue.close();
  const before = await keysOf(own);
  const fields = { redis: own.url, waiting: 0, oldest: "0s", workers: 1, failed: { max: 0, per: "1h" } };
  const target = targetOf("queue", { ...fields, queue: "q" });
  const admin = own.connect();
  const ofHealq = async () =>
    String(await admin.client("LIST"))
      .split("\n")
      .filter((line) => / name=healq /.test(line)).length;
  {
    const { createLooker } = await import("../../src/look/looker.ts");
    const { kindOf } = await import("../../src/checks/registry.ts");
    const { systemClock } = await import("../../src/lib/clock.ts");
    const { noProcesses } = await import("../support/look.ts");
    const looker = createLooker({ kindOf, processes: noProcesses, clock: systemClock });
    for (let look = 0; look < 3; look++) await looker.look([target], () => undefined);
    await looker.look([targetOf("queue", { ...fields, queue: "none" }, { id: "none" })], () => undefined);
    expect(await ofHealq()).toBe(2);
    looker.close();
  }
  await until(async () => (await ofHealq()) === 0, { what: "the connections are closed" });
  expect(await keysOf(own)).toEqual(before);
});

test("a Redis that hangs, is gone, or wants another password is unknown, in time, and no password is said", async () => {
  const own = await useRedis();
  await makeQueue(own, "q").add("a", {});
  const target = targetOf("queue", { redis: own.url, queue: "q", workers: 0 }, { timeout: 400 });
  const eye = makeEye();
  expect(await eye(target)).toMatchObject({ status: "ok" });
  process.kill(own.pid, "SIGSTOP");
  const began = performance.now();
  const hangs = await eye(target);
  process.kill(own.pid, "SIGCONT");
  expect(hangs).toMatchObject({ status: "unknown", findings: [] });
  expect(hangs.message).toMatch(/^unix:\/\/.*: no answer within 360 ms$/);
  expect(performance.now() - began).toBeLessThan(5_000);
  // It makes a new connection, also after a restart in between.
  await until(async () => (await eye(target)).status === "ok");
  await own.connect().config("SET", "requirepass", "correct-horse");
  const wrong = targetOf("queue", { redis: own.url.replace("//", "//:hunter2@"), queue: "q" });
  const refused = await makeEye()(wrong);
  expect(refused).toMatchObject({ status: "unknown" });
  expect(refused.message).toMatch(/: the user name or password is wrong or missing$/);
  expect(JSON.stringify(refused)).not.toContain("hunter2");
  const right = targetOf("queue", {
    redis: own.url.replace("//", "//:correct-horse@"),
    queue: "q",
    workers: 0,
  });
  expect(await makeEye()(right)).toMatchObject({ status: "ok" });
  await own.kill();
  expect((await eye(target)).message).toMatch(
    /: (there is no such socket|connection refused, nothing listens there)$/,
  );
});

test("the address of the Redis is wanted, checked, and not repeated in an error", () => {
  expect(() => targetOf("queue", { queue: "q" })).toThrow(/redis/);
  const bad = () => targetOf("queue", { queue: "q", redis: "http://u:hunter2@h" });
  expect(bad).toThrow(/write redis:\/\/HOST:6379/);
  expect(bad).not.toThrow(/hunter2/);
  expect(() => at("a:b")).toThrow(/colon/);
});

test("the example is well when its queue is, and calls for the worker that is not there", async () => {
  const target = (await loadExample("queue", { SHOP_REDIS: redis.url, OLDEST: "1h" })).targets.get("orders");
  if (target === undefined) throw new Error("the example has no target orders");
  const queue = makeQueue(redis, "orders");
  await queue.add("a", {});
  const eye = makeEye();
  const seen = await eye(target);
  expect(seen.findings).toMatchObject([{ symptom: "queue.orphaned" }]);
  expect(target.ladders.bySymptom["queue.orphaned"]).toMatchObject([{ remedy: "target" }]);
  expect(target.ladders.bySymptom["queue.failing"]).toMatchObject([
    { remedy: "retry-failed", params: { max: 50 } },
  ]);
  await makeWorker(redis, "orders", async () => undefined);
  await until(async () => (await eye(target)).status === "ok");
});
