import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { startNode, type TestNode } from "../support/node.ts";
import { story, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { clock, copiesOf, lives, looks, startsOf, stays, worker } from "../support/worker.ts";

const defaults = { every: "1s", probation: "1s", backoff: { delay: "50ms", max: "100ms" } };

const pidsOf = (node: TestNode, id: string) => [id, `${id}@2`, `${id}@3`].map((name) => node.pid(name));

test("the same program started by somebody else is told of, left alone, and forgotten when it has ended", async () => {
  const node = await startNode({
    defaults,
    targets: {
      only: worker("only", stays, { instances: 1, startGrace: "300ms", stableFor: "300ms" }),
      clock,
    },
  });
  await untilShown(node, ["only"]);
  const ours = node.pid("only");
  const stranger = spawn("sleep", ["1000"], { cwd: node.folder, stdio: "ignore" });
  const gone = new Promise((resolve) => stranger.once("exit", resolve));
  onTestFinished(async () => {
    stranger.kill();
    await gone;
  });

  const opened = await untilTold(node, "only", "incident.opened");
  expect(opened).toMatchObject({
    symptom: "process.duplicate",
    reason: expect.stringContaining(`by somebody else: pid ${stranger.pid};`),
  });
  await untilShown(node, ["only"], { status: "warning" });
  await looks(node, 2);
  expect(lives(stranger.pid ?? 0)).toBe(true);
  expect(node.pid("only")).toBe(ours);
  expect(told(node, "only", "heal.started")).toEqual([]);
  // A person who insists is told why not.
  const insisted = await node.healq("heal", "only", "--force");
  expect(insisted).toMatchObject({ code: 1, stdout: expect.stringContaining("no remedy is declared") });
  expect(lives(stranger.pid ?? 0)).toBe(true);

  stranger.kill();
  await untilTold(node, "only", "incident.resolved");
  await untilShown(node, ["only"]);
  expect(node.pid("only")).toBe(ours);
});

test("copies are healed for a file that they write, and by force while nothing is wrong", async () => {
  const node = await startNode({
    defaults,
    targets: {
      pool: worker("pool", `echo x > out\n${stays}`, { instances: 2, stableFor: "300ms" }),
      out: { kind: "file", path: "out", maxAge: "3s", producer: "pool" },
    },
  });
  const first = await untilTold(node, "out", "heal.succeeded");
  expect(first).toMatchObject({ symptom: "file.stale", action: "producer" });
  expect(told(node, "pool", "heal.succeeded")).toMatchObject([{ action: "restart" }]);
  expect(startsOf(node, "pool")).toHaveLength(4);

  const forced = await node.healq("heal", "pool", "--force");
  expect(forced).toMatchObject({ code: 0 });
  expect(copiesOf(node, "pool")).toHaveLength(2);
});

test("a restart of one copy after the other that healq's own death cut off is finished, each copy once", async () => {
  const targets = { pool: worker("pool", stays, { instances: 3, stableFor: "1500ms" }) };
  const node = await startNode({ defaults, targets });
  await untilShown(node, ["pool"]);
  const first = pidsOf(node, "pool");
  const asked = node.healq("restart", "pool");
  await until(() => startsOf(node, "pool").length === 4, { within: 15_000, what: "the first is new" });
  await node.crash();
  await node.up();
  await until(() => startsOf(node, "pool").length === 6, { within: 20_000, what: "all are new" }).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${story(node)}`);
    },
  );
  expect(await asked).toMatchObject({ code: 0 });
  await untilShown(node, ["pool"]);
  const after = pidsOf(node, "pool");
  expect(after.filter((pid) => first.includes(pid))).toEqual([]);
  expect(copiesOf(node, "pool").toSorted()).toEqual(after.toSorted());
  expect(startsOf(node, "pool")).toHaveLength(6);
});
