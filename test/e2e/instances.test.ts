import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode, type TestNode } from "../support/node.ts";
import { auditOf, eventsOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { copiesOf, lives, startsOf, stays, worker } from "../support/worker.ts";

const defaults = { every: "1s", probation: "1s", backoff: { delay: "50ms", max: "100ms" } };

/** A pool of three, each of which writes its number to its log. */
const pool = (more: object = {}) =>
  worker("pool", `echo I am $INSTANCE\n${stays}`, { instances: 3, stableFor: "300ms", ...more });

const pidsOf = (node: TestNode) => ["pool", "pool@2", "pool@3"].map((name) => node.pid(name));

const isWell = (node: TestNode) => () => {
  const seen = shownOf(node, "pool");
  return seen?.status === "ok" && seen.phase === "watching";
};

test("three copies are kept running: only a missing one is started again, the others are left alone", async () => {
  const node = await startNode({ defaults, targets: { pool: pool() } });
  await until(isWell(node), { within: 15_000, what: "the pool is well" });
  const before = pidsOf(node);
  expect(copiesOf(node, "pool").toSorted()).toEqual(before.toSorted());
  for (const [i, name] of ["pool", "pool@2", "pool@3"].entries())
    await until(() => readFileSync(node.path(`state/logs/${name}.log`), "utf8") === `I am ${i + 1}\n`);
  expect((await node.status("pool")).message).toBe("3 running");

  process.kill(before[1] ?? 0, "SIGKILL");
  await until(() => startsOf(node, "pool").length === 4, { within: 10_000, what: "one is started" });
  await until(() => eventsOf(node, "pool")["heal.succeeded"], { within: 15_000, what: "it is cured" });
  const after = pidsOf(node);
  expect([after[0], after[2]]).toEqual([before[0], before[2]]);
  expect(copiesOf(node, "pool").toSorted()).toEqual(after.toSorted());
  const exited = auditOf(node, "pool").find(({ event }) => event === "target.exited");
  expect(exited).toMatchObject({ reason: "copy 2 killed by SIGKILL", details: { copy: 2 } });
  const opened = auditOf(node, "pool").find(({ event }) => event === "incident.opened");
  expect(opened?.symptom).toBe("process.dead");
  expect(eventsOf(node, "pool")["heal.succeeded"]).toBe(1);

  const logs = await node.healq("logs", "pool@3");
  expect(logs).toMatchObject({ code: 0, stdout: "I am 3\n" });
  expect((await node.healq("logs", "pool")).stderr).toContain("healq logs pool@2 … pool@3");
});

test("wishes, adoption and `down --workers` are about all copies, and a lower number ends what is too many", async () => {
  const node = await startNode({ defaults, targets: { pool: pool() } });
  await until(isWell(node), { within: 15_000, what: "the pool is well" });
  const first = pidsOf(node);

  // A healq that is killed: all are adopted, and one that died meanwhile is started alone.
  await node.crash();
  process.kill(first[2] ?? 0, "SIGKILL");
  await node.up();
  await until(() => startsOf(node, "pool").length === 4, { within: 10_000, what: "the third is back" });
  await until(isWell(node), { within: 15_000, what: "the pool is well" });
  expect(pidsOf(node).slice(0, 2)).toEqual(first.slice(0, 2));
  expect(copiesOf(node, "pool").toSorted()).toEqual(pidsOf(node).toSorted());

  expect(await node.healq("restart", "pool")).toMatchObject({ code: 0 });
  expect(pidsOf(node).filter((pid) => first.includes(pid))).toEqual([]);
  expect(copiesOf(node, "pool")).toHaveLength(3);

  expect(await node.healq("stop", "pool")).toMatchObject({ code: 0 });
  expect(copiesOf(node, "pool")).toEqual([]);
  expect(await node.status("pool")).toMatchObject({ state: "stopped", message: "stopped by a person" });
  expect(await node.healq("start", "pool")).toMatchObject({ code: 0 });
  const kept = pidsOf(node);
  expect(copiesOf(node, "pool")).toHaveLength(3);

  // One is wanted from now on.
  expect(await node.healq("down")).toMatchObject({ code: 0 });
  const config = JSON.parse(readFileSync(node.configFile, "utf8"));
  config.targets.pool.instances = 1;
  writeFileSync(node.configFile, JSON.stringify(config));
  await node.up();
  await until(() => copiesOf(node, "pool").length === 1, { within: 10_000, what: "two are ended" });
  expect(lives(kept[0] ?? 0)).toBe(true);
  await until(() => auditOf(node, "pool").some(({ reason }) => reason?.startsWith("1 are wanted now")));
  expect(pidsOf(node)).toEqual([kept[0], undefined, undefined]);

  expect(await node.healq("down", "--workers")).toMatchObject({ code: 0 });
  expect(copiesOf(node, "pool")).toEqual([]);
});
