import { expect, onTestFinished, test } from "vitest";
import type { Target } from "../../src/model/target.ts";
import { openQueues, type Queues } from "../../src/queues/queues.ts";
import { type Scheduler, startScheduler } from "../../workers/scheduler.ts";
import { targetOf } from "../support/look.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

/** A real Redis and queues; what the scheduler enqueues stays there. */
async function openRig() {
  const server = await startRedis();
  const redis = server.connect();
  const queues = openQueues({ connection: redis, eventsConnection: server.connect });
  onTestFinished(async () => {
    await queues.close();
    await server.stop();
  });
  return { server, redis, queues };
}

interface Rig {
  readonly server: TestRedis;
  readonly queues: Queues;
}

function begin(
  { server, queues }: Rig,
  targets: readonly Target[],
  { node = "test", now = Date.now } = {},
): { scheduler: Scheduler; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (_: object, message: string) => warnings.push(message);
  const log = { info: () => undefined, warn, error: warn };
  const scheduler = startScheduler({ node, targets, queues, redis: server.connect(), log, now });
  onTestFinished(() => scheduler.stop());
  return { scheduler, warnings };
}

const file = (id: string, schedule: Target["schedule"], nodes: Target["nodes"] = ["test"]) =>
  targetOf("file", { path: "f" }, { id, schedule, nodes });

/** The ticks for which looks were enqueued, with their targets. */
async function enqueued(queues: Queues, node = "test") {
  const jobs = await queues.check(node).getJobs(["waiting", "prioritized"]);
  return jobs.map(({ data }) => ({ tick: Number(data.tick), targets: data.targets as string[] }));
}

test("each second the targets that are due are one job, in jobs of at most 100", async () => {
  const rig = await openRig();
  const often = Array.from({ length: 130 }, (_, n) => file(`often${n}`, { every: 1 }));
  begin(rig, [...often, file("seldom", { every: 3_600 })]);
  const jobs = await until(
    async () => {
      const all = await enqueued(rig.queues);
      return new Set(all.map(({ tick }) => tick)).size >= 3 ? all : undefined;
    },
    { within: 15_000, what: "three ticks" },
  );
  const ticks = [...new Set(jobs.map(({ tick }) => tick))].sort();
  for (const tick of ticks.slice(0, 2)) {
    const ofTick = jobs.filter((job) => job.tick === tick).map(({ targets }) => targets);
    const named = ofTick.flat().filter((id) => id !== "seldom");
    expect(ofTick.every((targets) => targets.length <= 100)).toBe(true);
    expect(named.sort()).toEqual(often.map(({ id }) => id).sort());
    expect(tick % 1_000).toBe(0);
  }
});

test("a cron pattern fires in its own zone", async () => {
  const rig = await openRig();
  // Kolkata is five and a half hours ahead of UTC, so its hour is never that of UTC.
  const hourIn = (timeZone: string, at: number) =>
    Number(new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone }).format(at));
  const at = (timeZone: string) => [0, 60_000].map((later) => hourIn(timeZone, Date.now() + later)).join(",");
  const cron = `* * ${at("Asia/Kolkata")} * * *`;
  begin(rig, [
    file("there", { cron, timezone: "Asia/Kolkata" }),
    file("elsewhere", { cron, timezone: "UTC" }),
    file("again", { cron, timezone: "Asia/Kolkata" }),
  ]);
  const jobs = await until(
    async () => {
      const all = await enqueued(rig.queues);
      return all.length >= 2 ? all : undefined;
    },
    { within: 15_000, what: "two ticks" },
  );
  for (const { targets } of jobs) expect(targets).toEqual(["there", "again"]);
});

test("a tick that comes late is counted, told and dropped", async () => {
  const rig = await openRig();
  const { scheduler, warnings } = begin(rig, [file("f", { every: 1 })], { now: () => Date.now() + 5_000 });
  await until(() => scheduler.report().late >= 2, { within: 15_000, what: "two late ticks" });
  expect(await enqueued(rig.queues)).toEqual([]);
  expect(warnings).toContain("a tick came too late and was dropped");
});

test("ticks that never came are counted and told, and are not made up for", async () => {
  const rig = await openRig();
  const { scheduler, warnings } = begin(rig, [file("f", { every: 1 })]);
  await until(async () => (await enqueued(rig.queues)).length >= 1, { within: 15_000, what: "a tick" });
  const from = Date.now();
  // The event loop is held, as by a machine that sleeps.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
  const to = Date.now();
  await until(() => scheduler.report().missed + scheduler.report().late >= 1, {
    within: 15_000,
    what: "the missed tick is counted",
  });
  expect(warnings.some((warning) => /missed|dropped/.test(warning))).toBe(true);
  await until(async () => (await enqueued(rig.queues)).some(({ tick }) => tick > to), {
    within: 15_000,
    what: "it goes on",
  });
  const during = (await enqueued(rig.queues)).filter(({ tick }) => tick > from + 1_000 && tick < to - 1_000);
  expect(during).toEqual([]);
});

test("of several nodes one enqueues the `any` targets of a tick, each its own", async () => {
  const rig = await openRig();
  const nodes = ["a", "b", "c"];
  for (const node of nodes) {
    begin(rig, [file("shared", { every: 1 }, "any"), file(`own-${node}`, { every: 1 }, [node])], { node });
  }
  const ticksOf = async (node: string) => (await enqueued(rig.queues, node)).map(({ tick }) => tick).sort();
  await until(async () => (await ticksOf("any")).length >= 4, { within: 15_000, what: "four ticks" });
  const shared = await ticksOf("any");
  expect(shared).toEqual([...new Set(shared)]);
  for (const node of nodes) {
    const own = await ticksOf(node);
    expect(own).toEqual([...new Set(own)]);
    expect(own.length).toBeGreaterThanOrEqual(3);
    expect((await enqueued(rig.queues, node)).every(({ targets }) => targets[0] === `own-${node}`)).toBe(
      true,
    );
  }
});
