import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNode, type TestNode } from "../support/node.ts";
import { eventsOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { copiesOf, lives, startsOf, stays, worker } from "../support/worker.ts";

test("workers outlive a healq that is killed, the next one adopts them, and an adopted one that dies is back within a second", async () => {
  const ids = ["one", "two", "three"];
  const targets = Object.fromEntries(ids.map((id) => [id, worker(id, stays, { stableFor: "200ms" })]));
  const node = await startNode({ defaults: { every: "1h", probation: "1s" }, targets });
  await until(() => ids.every((id) => startsOf(node, id).length === 1));
  const pids = ids.map((id) => startsOf(node, id)[0]?.pid ?? 0);

  await node.crash();
  expect(pids.every(lives)).toBe(true);
  await node.up();
  await until(() => ids.every((id) => shownOf(node, id)?.status === "ok"), { within: 10_000 });
  expect(ids.flatMap((id) => copiesOf(node, id))).toEqual(pids);
  expect(ids.map((id) => node.pid(id))).toEqual(pids);
  expect(ids.map((id) => eventsOf(node, id)["heal.started"] ?? 0)).toEqual([0, 0, 0]);

  const took: number[] = [];
  for (const id of ids) {
    const killed = performance.now();
    process.kill(node.pid(id) ?? 0, "SIGKILL");
    await until(() => startsOf(node, id).length === 2, { within: 10_000, every: 5, what: `${id} is back` });
    took.push(performance.now() - killed);
  }
  // The next tick is a minute away. Another program may have had the machine for one of them.
  expect(Math.min(...took)).toBeLessThan(3_000);
  await until(() => ids.every((id) => eventsOf(node, id)["incident.resolved"]), { within: 15_000 });
  for (const id of ids) {
    expect(eventsOf(node, id)).toMatchObject({ "target.exited": 1, "heal.succeeded": 1 });
    expect(copiesOf(node, id)).toEqual([startsOf(node, id)[1]?.pid]);
  }
});

/** What the private Redis was told, as it keeps it. */
function redisFilesOf({ stateDir }: TestNode): string {
  const folder = join(stateDir, "redis");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".aof"),
  );
  return files.map((name) => readFileSync(join(folder, name), "utf8")).join("");
}

test("`down` leaves the workers alone, a detached `up` adopts them, a second one is refused, and `down --workers` ends dependants first", async () => {
  const says = (id: string) =>
    `trap 'echo ${id} ends >>ends; sleep 1.2; echo ${id} is gone >>ends; exit 0' TERM\nwhile :; do sleep 0.05; done`;
  const node = await startNode({
    defaults: { every: "1s" },
    targets: {
      base: worker("base", says("base"), { stableFor: "200ms" }),
      middle: worker("middle", says("middle"), { stableFor: "200ms", needs: ["base"] }),
      top: worker("top", says("top"), { stableFor: "200ms", needs: ["middle"] }),
    },
  });
  const ids = ["base", "middle", "top"];
  await until(() => ids.every((id) => shownOf(node, id)?.status === "ok"), { within: 20_000 });
  const pids = ids.flatMap((id) => copiesOf(node, id));
  expect(pids).toHaveLength(3);

  const down = await node.healq("down");
  expect(down).toMatchObject({ code: 0 });
  expect(ids.flatMap((id) => copiesOf(node, id))).toEqual(pids);
  for (const pid of pids) expect(down.stdout).toContain(`(pid ${pid})`);

  const detached = await node.healq("up", "--detach", "--only", "scheduler,check,heal,alert", "--json");
  expect(detached).toMatchObject({ code: 0 });
  const { pid } = JSON.parse(detached.stdout);
  const second = await node.healq("up");
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`as pid ${pid}`);
  await until(() => ids.every((id) => shownOf(node, id)?.status === "ok"), { within: 10_000 });
  expect(ids.flatMap((id) => copiesOf(node, id))).toEqual(pids);
  expect(ids.map((id) => startsOf(node, id).length)).toEqual([1, 1, 1]);

  expect(await node.healq("down", "--workers")).toMatchObject({ code: 0 });
  expect(redisFilesOf(node)).toMatch(/target\.stopped.*top.*healq down --workers: pid \d+ ended by SIGTERM/);
  const order = ["top", "middle", "base"].flatMap((id) => [`${id} ends`, `${id} is gone`]);
  expect(linesOf(node.path("ends"))).toEqual(order);
  expect([...pids, pid].filter(lives)).toEqual([]);
  expect(ids.map((id) => eventsOf(node, id)["incident.opened"] ?? 0)).toEqual([0, 0, 0]);
});
