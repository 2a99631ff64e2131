import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

const sleeper = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };

test("what is needed is cured first, those that need it at once afterwards, each once, long before the next tick", async () => {
  const node = await startNode({
    defaults: { every: "1h", probation: "1s" },
    targets: { app: { ...sleeper, needs: ["db"] }, db: sleeper, front: { ...sleeper, needs: ["app"] } },
  });
  const all = ["db", "app", "front"];
  await untilShown(node, all);
  expect(record(node).filter(({ event }) => event === "target.started")).toMatchObject(
    all.map((target) => ({ target, action: "start", reason: "healq came up" })),
  );
  expect(record(node).filter(({ event }) => /^(incident|heal)\./.test(event))).toEqual([]);

  const before = all.map((target) => node.pid(target));
  for (const pid of before) process.kill(pid ?? 0, "SIGKILL");
  await until(() => all.every((target) => told(node, target, "incident.resolved").length === 1), {
    within: 30_000,
    what: "all incidents are resolved",
  });
  await untilShown(node, all);
  const steps = record(node).filter(({ event }) => /^heal\.(started|succeeded|failed)$/.test(event));
  expect(steps.map(({ target, event }) => `${target} ${event}`)).toEqual(
    all.flatMap((target) => [`${target} heal.started`, `${target} heal.succeeded`]),
  );
  expect(all.map((target) => node.pid(target))).not.toEqual(before);
});

test("a need that a person stopped keeps those that need it from being healed, and says so", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { app: { ...sleeper, needs: ["db"] }, db: sleeper },
  });
  await untilShown(node, ["db", "app"]);
  expect((await node.healq("stop", "db")).code).toBe(0);
  process.kill(node.pid("app") ?? 0, "SIGKILL");
  await untilShown(node, ["app"], { status: "critical", phase: "blocked" });
  expect(await node.status("app")).toMatchObject({
    state: "crashed",
    message: expect.stringContaining("needs db, which was stopped by a person"),
    incident: null,
  });
  expect((await node.healq("start", "db")).code).toBe(0);
  await untilTold(node, "app", "heal.succeeded");
  expect(told(node, "app", "heal.started")).toHaveLength(1);
  expect(told(node, "db", "heal.started")).toEqual([]);
});
