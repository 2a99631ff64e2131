import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { loadWith } from "../../src/config/load-with.ts";
import { registries } from "../../src/config/registries.ts";
import type { Target } from "../../src/model/target.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { block, pidOf, startPostgres, type TestPostgres, untilWaiting } from "../support/postgres.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { silentPort } from "../support/silent-server.ts";
import { until } from "../support/wait.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const db = (written: object = {}, more: Partial<Target> = {}) =>
  targetOf("postgres", { url: server.url(), blockedFor: "1ms", ...written }, more);

test("a server that is well is ok; one connection stays open from look to look, and is closed with the looker", async () => {
  const watcher = await server.connect("watcher");
  const ofHealq = async () => {
    const question = "SELECT pid FROM pg_stat_activity WHERE application_name = 'healq'";
    return (await watcher.query<{ pid: number }>(question)).rows.map(({ pid }) => pid);
  };
  const rig = remedyRig();
  const context = rig.context(db());
  const { askPostgres } = await import("../../src/checks/postgres.ts");
  const { postgresSpecOf } = await import("../../src/checks/postgres-spec.ts");
  const eye = makeEye();
  const first = await eye(db());
  expect(first).toMatchObject({ status: "ok", metrics: { slots: 8, waiting: 0 } });
  expect(first.message).toMatch(/^answered in .*, \d of 8 connections in use$/);
  const [pid] = await ofHealq();
  await eye(db());
  expect(await ofHealq()).toEqual([pid]);
  // Somebody ended it: the next look makes a new one and is none the worse.
  await watcher.query("SELECT pg_terminate_backend($1, 2000)", [pid]);
  expect(await eye(db())).toMatchObject({ status: "ok" });
  expect(await ofHealq()).not.toContain(pid);
  // The end of a memory is the end of its connection.
  const { createMemories } = await import("../../src/look/memories.ts");
  const memories = createMemories();
  await askPostgres(postgresSpecOf(context.target.spec), memories("x"), 2_000);
  expect(await ofHealq()).toHaveLength(2);
  memories.close();
  await until(async () => (await ofHealq()).length === 1, { what: "the connection is closed" });
});

test("of a chain of three the root is named, with what it does and without the texts of its statement", async () => {
  const [root, middle, last] = [await server.connect(), await server.connect(), await server.connect()];
  await root.query("CREATE TABLE stock (id int PRIMARY KEY, n int); INSERT INTO stock VALUES (1, 1), (2, 2)");
  onTestFinished(async () => {
    await root.query("ROLLBACK; DROP TABLE stock");
  });
  await root.query("BEGIN");
  await root.query("UPDATE stock SET n = 7 WHERE id = 1 AND 'hunter2' <> ''");
  await middle.query("BEGIN; UPDATE stock SET n = 7 WHERE id = 2");
  const waiting = [middle.query("UPDATE stock SET n = 8 WHERE id = 1")];
  await untilWaiting(server, (count) => count === 1);
  waiting.push(last.query("UPDATE stock SET n = 9 WHERE id = 2"));
  await untilWaiting(server, (count) => count === 2);
  const pid = await pidOf(root);
  await root.query("SELECT 'hunter2'");
  const seen = await makeEye()(db());
  expect(seen.findings).toMatchObject([{ symptom: "postgres.blocked", severity: "critical", fact: false }]);
  expect(seen.message).toMatch(
    new RegExp(
      `^2 sessions wait for locks, the longest for \\d+ ms; at the root: pid ${pid} \\(worker of postgres on postgres\\), idle in transaction for \\d+ ms$`,
    ),
  );
  const { evidence } = seen.findings[0] ?? {};
  expect(evidence).toMatchObject({
    waiting: 2,
    roots: [
      {
        pid,
        user: "postgres",
        application: "worker",
        state: "idle in transaction",
        blocks: 2,
        query: "SELECT '…'",
      },
    ],
  });
  expect(JSON.stringify(evidence)).toMatch(new RegExp(`"chain":"${pid} < \\d+ < \\d+"`));
  // They have not waited long enough for this one.
  expect(await makeEye()(db({ blockedFor: "1h" }))).toMatchObject({ status: "ok", metrics: { waiting: 2 } });
  await root.query("ROLLBACK");
  await waiting[0];
  await middle.query("ROLLBACK");
  await waiting[1];
});

test("a prepared transaction that blocks is named by its gid, and no cure touches it", async () => {
  const client = await server.connect();
  await client.query("CREATE TABLE paid (id int)");
  for (const statement of ["BEGIN", "LOCK TABLE paid", "PREPARE TRANSACTION 'order 66'"])
    await client.query(statement);
  const waiter = await server.connect();
  const waiting = waiter.query("SELECT * FROM paid");
  await untilWaiting(server, (count) => count === 1);
  const target = db({ only: { user: "postgres" } });
  const seen = await makeEye()(target);
  expect(seen.message).toMatch(
    /^a session waits for a lock, for \d+ ms; at the root: the prepared transaction "order 66"; a person must COMMIT PREPARED or ROLLBACK PREPARED it$/,
  );
  expect(seen.findings[0]?.evidence).toMatchObject({
    prepared: [{ gid: "order 66", owner: "postgres" }],
    waiting: 1,
  });
  const refused = /nothing was done: leave the prepared transaction "order 66" alone/;
  await expect(remedyRig().apply("cancel-blocker", target)).rejects.toThrow(refused);
  await expect(remedyRig().apply("terminate-blocker", target)).rejects.toThrow(refused);
  await client.query("ROLLBACK PREPARED 'order 66'");
  await waiting;
  await client.query("DROP TABLE paid");
});

test("a session that idles in its transaction is found by a role that may see it; for another one it is unknown", async () => {
  const client = await server.connect("report");
  await client.query("CREATE ROLE nobody LOGIN; BEGIN");
  onTestFinished(async () => void (await client.query("ROLLBACK; DROP ROLE nobody")));
  await client.query("COMMIT");
  await client.query("BEGIN");
  const seen = await makeEye()(db({ idleInTransaction: "1ms" }));
  expect(seen.findings).toMatchObject([{ symptom: "postgres.idle-in-transaction", severity: "warning" }]);
  expect(seen.message).toMatch(
    /^pid \d+ \(report of postgres on postgres\) is idle in transaction for \d+ ms \(at most 1 ms\)$/,
  );
  expect(await makeEye()(db({ idleInTransaction: "1h" }))).toMatchObject({ status: "ok" });

  const blind = await makeEye()(db({ url: server.url("nobody"), idleInTransaction: "1ms" }));
  expect(blind).toMatchObject({ status: "unknown", findings: [] });
  expect(blind.message).toMatch(/cannot be seen: GRANT pg_monitor TO/);
  // Locks everybody may see.
  expect(await makeEye()(db({ url: server.url("nobody") }))).toMatchObject({ status: "ok" });
});

test("connections that run out are told of; who has one already still sees, and who has none hears why", async () => {
  await server.connect().then((client) => client.query("CREATE ROLE shop LOGIN"));
  onTestFinished(async () => void (await (await server.connect()).query("DROP ROLE shop")));
  const inside = makeEye();
  const target = db({ url: server.url("shop"), connections: "60%" });
  const before = await inside(target);
  expect(before.status).toBe("ok");
  const free = 8 - (before.metrics.connections ?? 0);
  await Promise.all(Array.from({ length: free - 1 }, () => server.connect("app", "shop")));
  expect(await inside(target)).toMatchObject({
    findings: [
      {
        symptom: "postgres.connections",
        severity: "warning",
        message: "7 of 8 connections are in use (below 60% is well)",
      },
    ],
  });
  await server.connect("app", "shop");
  expect(await inside(target)).toMatchObject({
    findings: [
      {
        symptom: "postgres.connections",
        severity: "critical",
        message: "all 8 connections are in use: nobody else gets one",
      },
    ],
  });
  const outside = await makeEye()(target);
  expect(outside.findings).toMatchObject([{ symptom: "postgres.connections", severity: "critical" }]);
  expect(outside.message).toMatch(/\/postgres has no connection left$/);
});

test("a wrong password, a missing one and a missing database are unknown and say what to do; the password is never said", async () => {
  const client = await server.connect();
  await client.query("CREATE ROLE locked LOGIN PASSWORD 'correct-horse'");
  onTestFinished(async () => void (await client.query("DROP ROLE locked")));
  const look = async (url: string) => {
    const seen = await makeEye()(db({ url }));
    expect(JSON.stringify(seen)).not.toMatch(/hunter2|correct-horse/);
    return seen;
  };
  const right = server.url("locked");
  expect(await look(right)).toMatchObject({ status: "ok" });
  const wrong = await look(right.replace("correct-horse", "hunter2"));
  expect(wrong).toMatchObject({ status: "unknown", findings: [] });
  expect(wrong.message).toMatch(/refuses the password; set the right one in url, or by PGPASSWORD$/);
  expect((await look(right.replace(":correct-horse", ""))).message).toMatch(
    /asks for a password|refuses the password/,
  );
  expect((await look(right.replace("@/postgres", "@/gone"))).message).toMatch(/\/gone has no such database/);
});

test("a server that is stopped, killed or not there is down; when it is back it is ok", async () => {
  const eye = makeEye();
  const target = db({}, { timeout: 600 });
  expect(await eye(target)).toMatchObject({ status: "ok" });
  await server.kill();
  const down = await eye(target);
  expect(down.findings).toMatchObject([{ symptom: "postgres.down", severity: "critical" }]);
  expect(down.message).toMatch(/(has no such socket|connection refused)$/);
  await server.restart();
  expect(await eye(target)).toMatchObject({ status: "ok" });

  const silent = `postgres://healq@127.0.0.1:${await silentPort()}/shop`;
  const hangs = await eye(db({ url: silent }, { timeout: 300, id: "silent" }));
  expect(hangs.findings).toMatchObject([{ symptom: "postgres.down" }]);
  expect(hangs.message).toMatch(/no answer within 270 ms$/);
});

test("the example finds what blocks, heals it by its own ladder, and is ok afterwards", async () => {
  const file = fileURLToPath(new URL("../../examples/kinds/postgres.yaml", import.meta.url));
  const read = await loadWith(registries, file, { DB_URL: server.url(), BLOCKED_FOR: "1ms", IDLE_FOR: "1h" });
  const target = read.ok ? read.config.targets.get("shop-db") : undefined;
  if (target === undefined) throw new Error("the example has no target shop-db");
  await (await server.connect()).query("CREATE ROLE shop LOGIN");
  const { waiter } = await block(server, { user: "shop" });
  const eye = makeEye();
  const seen = await eye(target);
  expect(seen.findings).toMatchObject([{ symptom: "postgres.blocked" }]);
  const ladder = target.ladders.bySymptom["postgres.blocked"]?.map(({ remedy }) => remedy);
  expect(ladder).toEqual(["cancel-blocker", "terminate-blocker"]);
  const rig = remedyRig();
  await expect(rig.apply("cancel-blocker", target)).rejects.toThrow("a cancel has no effect on that");
  await rig.apply("terminate-blocker", target);
  await waiter;
  expect(await eye(target)).toMatchObject({ status: "ok" });
});
