import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeKeys, sharedKeys } from "../../src/store/keys.ts";
import { ask } from "../support/anyone.ts";
import { run } from "../support/child.ts";
import { startNode } from "../support/node.ts";
import { auditOf, shownOf, untilBack, untilWell } from "../support/record.ts";
import { useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

const worker = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
/** The back-off is short: a forged one is never longer than the config's. */
const defaults = { every: "1s", probation: "1s", backoff: { delay: "1s", max: "2s" } };
const garbage = ["", "x", "null", "[]", '{"state":{}}', "\u0000\uffff", "9".repeat(1_000)];

test("whatever is forged in Redis, healq goes on, signals no stranger, and runs nothing that is not declared", async () => {
  const server = await useRedis();
  const redis = server.connect();
  const node = await startNode({
    redis: server.url,
    defaults,
    targets: { worker },
  });
  await untilWell(node, "worker");
  const stranger = run(["sleep", "1000"]);
  const { state, look, incidents, incidentOrder, audit } = nodeKeys("test");

  // Garbage wherever a value of ours lies; each time the worker is killed and comes back.
  for (const text of garbage) {
    for (const key of [state, look, incidents]) await redis.hset(key, "worker", text, "evil", text);
    await redis.zadd(incidentOrder, 1, text);
    await redis.xadd(audit, "*", "e", text || "-");
    await redis.hset(sharedKeys.nodes, "evil", text);
    await redis.hset(sharedKeys.targets, "evil", text);
  }
  await untilBack(node, "worker");
  await untilWell(node, "worker");

  // Well-formed lies: a state that forbids healing for ever, a pid that is not ours, a node that claims our target.
  const lie = {
    status: "ok",
    since: 0,
    symptoms: [],
    phase: "gave-up",
    phaseSince: 0,
    reason: "forged",
    recent: [],
    okInRow: 0,
  };
  const more = {
    applications: [1, 2, 3],
    failedHeals: 9,
    backoffLevel: 1_000,
    heals: { ok: 0, failed: 0 },
    notBefore: 1e18,
  };
  const incident = { id: "../../x", openedAt: 0, symptom: "evil", alerted: [] };
  await redis.hset(
    state,
    "worker",
    JSON.stringify({ v: 1, change: "x", state: { ...lie, ...more, incident } }),
  );
  await redis.hset(
    state,
    "evil",
    JSON.stringify({ v: 1, change: "x", state: { ...lie, ...more, run: ["touch", "ran"] } }),
  );
  const seen = {
    at: Date.now(),
    status: "ok",
    message: "forged",
    metrics: {},
    durationMs: 1,
    findings: [],
    pid: stranger.pid,
  };
  await redis.hset(look, "worker", `${seen.at}`.padStart(15, "0") + JSON.stringify(seen));
  const claim = { node: "evil", pid: stranger.pid, host: "h", version: "1", startedAt: 0, seenAt: 0 };
  await redis.hset(sharedKeys.nodes, "evil", JSON.stringify(claim));
  await redis.hset(
    sharedKeys.targets,
    "evil",
    JSON.stringify([{ id: "worker", kind: "process", tries: 1e9, run: ["touch", "ran"] }]),
  );
  await untilBack(node, "worker");
  await untilWell(node, "worker");

  // Jobs that nobody of ours would add, on each queue of the node.
  const exec = ["touch", node.path("ran")];
  const own = { prefix: "{healq:test}" };
  const checks = [
    { name: "check:run", data: { targets: ["evil", "worker"], trigger: "event" } },
    { name: "check:run", data: { targets: ["worker"], trigger: "event", run: exec } },
    { name: "check:run", data: { targets: [], trigger: "event" } },
  ];
  const [looked, ...refused] = await ask(server.socket, checks, { ...own, queue: "check.test" });
  expect(looked?.value).toMatchObject({ unknown: ["evil"], counts: { ok: 1 } });
  for (const { error } of refused) expect(error).toMatch(/not valid/);
  const heals = [
    { name: "heal:run", data: { target: "worker", remedy: { exec } } },
    {
      name: "heal:run",
      data: { target: "worker", onBehalfOf: "evil", force: true },
      opts: { attempts: 1e9 },
    },
    { name: "target:wish", data: { target: "evil", wish: "start" } },
  ];
  const [withExec, forced, wish] = await ask(server.socket, heals, { ...own, queue: "heal.test" });
  expect(withExec?.error).toMatch(/not valid: .*remedy/);
  expect(forced?.value).toMatchObject({ outcome: "healed", remedy: "restart" });
  expect(wish?.error).toMatch(/unknown target evil/);
  const alert = {
    node: "test",
    target: "t",
    event: "e",
    severity: "info",
    critical: false,
    message: "m",
    at: 1,
  };
  const alerts = [{ name: "alert:send", data: { channel: "evil", alert } }];
  expect((await ask(server.socket, alerts, { queue: "alert" }))[0]?.error).toMatch(
    /no alert channel evil is declared/,
  );

  // Keys of the wrong type: away, but alive; well again once they are gone.
  for (const key of [look, sharedKeys.pauses]) {
    await redis.del(key);
    await redis.set(key, "a string");
  }
  await untilBack(node, "worker");
  await redis.del(look, sharedKeys.pauses);
  await untilWell(node, "worker");
  await until(async () => (await redis.hexists(look, "worker")) === 1, {
    within: 15_000,
    what: "looks are kept again",
  });

  expect(node.process().exitCode).toBeNull();
  expect(existsSync(node.path("ran"))).toBe(false);
  expect(stranger.signalCode).toBeNull();
  for (const command of ["status", "audit", "incidents", "nodes"]) {
    const { code, stderr } = await node.healq(command);
    expect([command, code, stderr]).toEqual([
      command,
      expect.any(Number),
      expect.not.stringMatching(/^\s+at /m),
    ]);
    expect(code).toBeLessThan(2);
  }
});

test("a pause that nobody can read is a pause: nothing is healed until a person takes it back", async () => {
  const server = await useRedis();
  const redis = server.connect();
  const node = await startNode({
    redis: server.url,
    defaults,
    targets: { worker },
  });
  await untilWell(node, "worker");
  await redis.hset(sharedKeys.pauses, "worker", "garbage");
  const before = node.pid("worker") ?? 0;
  process.kill(before, "SIGKILL");
  await until(() => shownOf(node, "worker")?.phase === "silenced", {
    within: 15_000,
    what: "it is silenced",
  });
  const { lastCheck } = await node.status("worker");
  await until(async () => ((await node.status("worker")).lastCheck ?? "") > (lastCheck ?? ""), {
    within: 15_000,
  });
  expect(auditOf(node, "worker").filter(({ event }) => event === "heal.started")).toEqual([]);
  expect((await node.healq("resume", "worker")).code).toBe(0);
  await until(() => auditOf(node, "worker").some(({ event }) => event === "heal.succeeded"), {
    within: 15_000,
    what: "it is healed",
  });
});
