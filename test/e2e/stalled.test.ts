import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { privateSocket } from "../../src/redis/home.ts";
import { startNode } from "../support/node.ts";
import { eventsOf, linesOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { alone, copiesOf, endsSlowly, lives, startsOf, worker } from "../support/worker.ts";

test("healq stopped by SIGSTOP in the middle of a restart until its job's lock is lost, and continued: one copy, told once", async () => {
  const options = { stableFor: "200ms", startGrace: "1s" };
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { worker: worker("worker", alone("worker", endsSlowly("worker", 1)), options) },
  });
  const redis = new Redis({ path: privateSocket(node.stateDir) });
  onTestFinished(() => redis.disconnect());
  const first = await until(() => startsOf(node, "worker")[0]);
  await until(() => Date.now() - first.at > 1_100, { what: "the grace is over" });
  process.kill(first.pid, "SIGSTOP");
  await until(() => linesOf(node.path("worker.ends")).length === 1, { within: 10_000 });
  node.process().kill("SIGSTOP");

  const held = async () => (await redis.keys("{healq:test}:heal.test:*:lock")).length;
  expect(await held()).toBe(1);
  await until(async () => (await held()) === 0 && !lives(first.pid), { within: 15_000 });
  expect(copiesOf(node, "worker")).toEqual([]);
  node.process().kill("SIGCONT");

  await until(() => eventsOf(node, "worker")["incident.resolved"], { within: 30_000 });
  // The job was run again, and did nothing again.
  await until(async () => (await redis.llen("{healq:test}:heal.test:active")) === 0, { within: 20_000 });
  expect(copiesOf(node, "worker")).toEqual([node.pid("worker")]);
  expect(linesOf(node.path("worker.overlaps"))).toEqual([]);
  expect(startsOf(node, "worker")).toHaveLength(2);
  expect(eventsOf(node, "worker")).toMatchObject({
    "incident.opened": 1,
    "heal.started": 1,
    "heal.succeeded": 1,
    "incident.resolved": 1,
  });
  expect(eventsOf(node, "worker")["heal.failed"]).toBeUndefined();
});
