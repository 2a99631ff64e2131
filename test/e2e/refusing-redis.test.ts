import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeKeys, sharedKeys } from "../../src/store/keys.ts";
import { auditOf, linesOf, shownOf, untilBack, untilWell } from "../support/record.ts";
import { useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";
import { startWebNode } from "../support/web-node.ts";

const worker = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
const defaults = { every: "1s", probation: "1s" };

test("a Redis that is full, or that somebody has overwritten, is said everywhere; dead workers come back all the same, and all is told once afterwards", async () => {
  const server = await useRedis();
  const redis = server.connect();
  const web = await startWebNode({ redis: server.url, defaults, targets: { worker, spare: worker } });
  const { node } = web;
  for (const id of ["worker", "spare"]) await untilWell(node, id);
  const healthz = async () => {
    const response = await fetch(`${web.url}/healthz`);
    const report: unknown = await response.json();
    return { code: response.status, report };
  };
  const status = () => node.healq("status", "worker", "--json");
  const api = async () =>
    (await fetch(`${web.url}/api/status`, { headers: { authorization: `Bearer ${web.token}` } })).json();
  const cures = () => auditOf(node, "worker").filter(({ event }) => event === "heal.succeeded").length;
  expect(await healthz()).toMatchObject({ code: 200, report: { redis: "ok" } });

  await redis.config("SET", "maxmemory", "1");
  await untilBack(node, "worker");
  await until(() => shownOf(node, "worker")?.pid === node.pid("worker"), {
    what: "status.json has the new pid",
  });
  expect(await healthz()).toMatchObject({
    code: 503,
    report: { status: "critical", redis: "refusing", reason: expect.stringMatching(/^Redis is full/) },
  });
  const [shown, seen, refused] = await Promise.all([status(), api(), node.healq("heal", "spare", "--force")]);
  expect(shown.stderr).toMatch(/^healq: Redis is full .*\nhealq: this is what .*status\.json says/);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    source: "status.json",
    targets: [{ pid: node.pid("worker") }],
  });
  expect(seen).toMatchObject({ source: "status.json" });
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^healq: Redis is full [^\n]*\n$/),
  });
  // The kill switch works, here.
  expect(await node.healq("pause", "--json")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("full"),
  });
  expect(JSON.parse((await status()).stdout)).toMatchObject({ paused: true });
  expect((await node.healq("resume")).code).toBe(0);

  await redis.config("SET", "maxmemory", "0");
  await until(async () => (await healthz()).code === 200, { within: 15_000, what: "all is told" });
  await untilWell(node, "worker");
  expect(cures()).toBe(1);

  // Keys of ours that hold something else: of the record, of the fleet, of a queue.
  const { state } = nodeKeys("test");
  const overwritten = [state, sharedKeys.targets, "{healq:test}:check.test:meta"];
  for (const key of overwritten) {
    await redis.del(key);
    await redis.set(key, "a string");
  }
  const named = new RegExp(`overwritten .*${state} \\(a string, not a hash\\).*redis-cli -s \\S+ DEL '`);
  await untilBack(node, "worker");
  const commands = [["heal", "worker"], ["audit"], ["nodes"], ["status"], ["doctor"]];
  const said = await Promise.all(commands.map((command) => node.healq(...command)));
  for (const { stdout, stderr } of said) expect(stdout + stderr).toMatch(named);
  expect(said.map(({ code }) => code)).toEqual([3, 3, 3, 0, 1]);
  expect(await healthz()).toMatchObject({
    code: 503,
    report: { redis: "refusing", reason: expect.stringMatching(named) },
  });

  // `up` does not die of it either, and heals.
  await node.crash();
  await node.up();
  await untilBack(node, "worker");
  await redis.del(...overwritten);
  await until(
    () => readFileSync(join(node.stateDir, "logs", "healq.log"), "utf8").includes("were told to it"),
    {
      within: 15_000,
      what: "Redis is told",
    },
  );
  await untilWell(node, "worker");
  await until(() => cures() === 3, { within: 15_000, what: "each cure is told" });
  expect(linesOf(join(node.stateDir, "journal.jsonl"))).toEqual([]);
  expect((await node.healq("status")).stderr).toBe("");
});
