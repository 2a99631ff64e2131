import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { stageOf } from "../support/record.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

const sleeper = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
const defaults = { every: "1s", probation: "1s" };

test("a silenced target is not healed, the others are, and the status says by whom, why and how long", async () => {
  const node = await startNode({ defaults, targets: { one: sleeper, other: sleeper } });
  await untilShown(node, ["one", "other"]);
  const paused = await node.healq("pause", "one", "--for", "1h", "--reason", "mending the disk", "--json");
  expect(paused.code).toBe(0);
  expect(JSON.parse(paused.stdout)).toMatchObject({ paused: true, targets: ["one"] });
  for (const target of ["one", "other"]) process.kill(node.pid(target) ?? 0, "SIGKILL");
  await untilTold(node, "other", "heal.succeeded");
  await untilShown(node, ["one"], { status: "critical", phase: "silenced" });
  const by = told(node, "one", "paused")[0]?.by;
  expect(by).toMatch(/./);
  expect(await node.status("one")).toMatchObject({
    phase: "silenced",
    incident: null,
    message: expect.stringMatching(`silenced \\(${by}: mending the disk\\) until \\d\\d:`),
  });

  // The last word counts, and its time is over without another one.
  expect((await node.healq("pause", "one", "--for", "3s")).code).toBe(0);
  await untilTold(node, "one", "heal.succeeded");
  const started = told(node, "one", "heal.started");
  expect(started).toHaveLength(1);
  const until = Number(told(node, "one", "paused").at(-1)?.details.until);
  expect(Date.parse(started[0]?.at ?? "")).toBeGreaterThanOrEqual(until);
});

test("the kill switch holds over a restart of healq, until it is resumed", async () => {
  const node = await startNode({ defaults, targets: { one: sleeper, two: sleeper } });
  await untilShown(node, ["one", "two"]);
  expect((await node.healq("pause", "--reason", "upgrade")).stdout).toContain("paused everything");
  process.kill(node.pid("one") ?? 0, "SIGKILL");
  await untilShown(node, ["one"], { phase: "silenced" });

  await node.crash();
  process.kill(node.pid("two") ?? 0, "SIGKILL");
  await node.up();
  await untilShown(node, ["one", "two"], { status: "critical", phase: "silenced" });
  expect(await node.status("two")).toMatchObject({ message: expect.stringContaining("paused everywhere") });
  expect(await node.healq("heal", "one")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("kill switch"),
  });
  expect(await node.healq("heal", "one", "--force")).toMatchObject({ code: 1 });
  expect(record(node, "one", "two").filter(({ event }) => event === "heal.started")).toEqual([]);

  expect((await node.healq("pause", "two", "--for", "3s")).code).toBe(0);
  expect((await node.healq("resume")).stdout).toBe(
    "resumed everything; still silenced: two (`healq resume two`)\n",
  );
  await untilTold(node, "one", "heal.succeeded");
  await untilTold(node, "two", "heal.succeeded");
});

test("a pause that comes between stop and start ends the heal as skipped, and the target stays down until resumed", async () => {
  const script = "trap 'until [ -e go ]; do sleep 0.1; done; exit 0' TERM; while :; do sleep 0.1; done";
  const slow = { ...sleeper, run: ["sh", "-c", script], stop: { timeout: "60s" } };
  const node = await startNode({ defaults, targets: { worker: slow } });
  await untilShown(node, ["worker"]);
  const pid = node.pid("worker");
  const heal = node.healq("heal", "worker", "--force", "--json");
  await until(() => stageOf(node, "worker") === "stopping", { within: 15_000, what: "it is being stopped" });
  expect((await node.healq("pause", "worker", "--reason", "wait")).code).toBe(0);
  writeFileSync(node.path("go"), "");
  const { code, stdout } = await heal;
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 1,
    outcome: "skipped",
    reason: expect.stringContaining("silenced"),
  });
  await untilShown(node, ["worker"], { status: "critical", phase: "silenced" });
  expect((await node.status("worker")).message).toContain("stopped for a restart that was called off");
  expect(node.pid("worker")).toBeUndefined();
  expect(told(node, "worker", "heal.skipped")).toHaveLength(1);

  expect((await node.healq("resume", "worker")).code).toBe(0);
  await untilTold(node, "worker", "heal.succeeded");
  expect(node.pid("worker")).not.toBe(pid);
});
