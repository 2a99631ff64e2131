import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Transaction } from "../../src/checks/mysql-activity.ts";
import { mysqlSpecOf } from "../../src/checks/mysql-spec.ts";
import { loadWith } from "../../src/config/load-with.ts";
import { registries } from "../../src/config/registries.ts";
import type { Target } from "../../src/model/target.ts";
import { untouchable } from "../../src/remedies/mysql-untouchable.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { blockRow, startMysql, type TestMysql } from "../support/mysql.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { silentPort } from "../support/silent-server.ts";
import { until } from "../support/wait.ts";

let server: TestMysql;
beforeAll(async () => {
  server = await startMysql();
});
afterAll(() => server?.stop());

const slowly = { every: 150, within: 10_000 };

const db = (written: object = {}, more: Partial<Target> = {}) =>
  targetOf("mysql", { url: server.url(), blockedFor: "0s", only: { user: "worker" }, ...written }, more);

/** InnoDB renews its list only when nobody has read it for a tenth of a second. */
const untilSeen = (target: Target, symptom: string) => {
  const eye = makeEye();
  return until(async () => {
    const seen = await eye(target);
    return seen.findings.some((finding) => finding.symptom === symptom) ? seen : undefined;
  }, slowly);
};

test("the root of a wait is named, with its rows and without the texts of its statement; kill-query helps who runs one", async () => {
  const { blocker, id, waiter } = await blockRow(server, { running: true });
  const seen = await untilSeen(db(), "mysql.blocked");
  expect(seen.message).toMatch(
    new RegExp(
      `^a session waits for a lock, for .*; at the root: connection ${id} \\(worker\\), running a statement, in a transaction for .*, \\d rows? modified$`,
    ),
  );
  expect(seen.findings[0]?.evidence).toMatchObject({
    waiting: 1,
    roots: [{ connection: id, user: "worker", blocks: 1 }],
  });
  expect(JSON.stringify(seen)).not.toContain("a secret of ours");
  const { said, details } = await remedyRig().apply("kill-query", db());
  expect(said).toEqual([`kill the statement of connection ${id} (worker): a session waits for it`]);
  expect(details).toEqual({ [`connection ${id}`]: "statement killed" });
  // The connection lives on.
  await blocker.query("ROLLBACK");
  await waiter;
});

test("an idle blocker needs kill-connection: kill-query says so and fails; the rows that are rolled back are told", async () => {
  const { blocker, id, waiter } = await blockRow(server);
  await untilSeen(db(), "mysql.blocked");
  const rig = remedyRig();
  await expect(rig.apply("kill-query", db())).rejects.toThrow(
    `nothing was done: leave connection ${id} (worker) alone: it is idle in transaction, and KILL QUERY has no effect on that; it takes kill-connection`,
  );
  await expect(rig.apply("kill-connection", db({ only: { user: "somebody" } }))).rejects.toThrow(
    "its user is worker, not somebody (only:)",
  );
  const { said, details } = await rig.apply("kill-connection", db());
  expect(said).toEqual([
    `kill connection ${id} (worker), which rolls back 3 modified rows: a session waits for it`,
  ]);
  expect(details).toEqual({ [`connection ${id}`]: "killed; rolls back 3 modified rows" });
  await waiter;
  await expect(blocker.query("SELECT 1")).rejects.toThrow();
});

test("a session that idles in its transaction is found and ended when that is the fault; one that ended meanwhile is not", async () => {
  const worker = await server.connect("root");
  await worker.query("CREATE DATABASE IF NOT EXISTS shop");
  await worker.query("CREATE OR REPLACE TABLE shop.idle (id INT PRIMARY KEY) ENGINE=InnoDB");
  await worker.query("START TRANSACTION");
  await worker.query("INSERT INTO shop.idle VALUES (1)");
  const target = db({ idleInTransaction: "0s", only: { user: "root" } });
  const seen = await untilSeen(target, "mysql.idle-in-transaction");
  expect(seen.findings).toMatchObject([{ severity: "warning" }]);
  const id = worker.threadId;
  expect(seen.message).toMatch(
    new RegExp(
      `^connection ${id} \\(root\\) is idle in transaction for .*, 1 row modified \\(at most 0 ms\\)$`,
    ),
  );
  const rig = remedyRig();
  const finding = {
    symptom: "mysql.idle-in-transaction",
    severity: "warning",
    fact: false,
    message: "",
    evidence: {},
  } as const;
  const result = await remedyOf("kill-connection")?.apply(rig.context(target, { finding }), {});
  expect(result?.details).toEqual({ [`connection ${id}`]: "killed; rolls back 1 modified row" });
  await until(async () => (await makeEye()(target)).status === "ok", {
    ...slowly,
    what: "the transaction is gone",
  });
});

test("of a chain of three the root is found and killed, and those behind it go on", async () => {
  const root = await server.connect("root");
  await root.query("CREATE DATABASE IF NOT EXISTS shop");
  await root.query("CREATE OR REPLACE TABLE shop.chain (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
  await root.query("INSERT INTO shop.chain VALUES (1, 1), (2, 2)");
  const [middle, last] = [await server.connect("root"), await server.connect("root")];
  for (const [client, row] of [[root, 1] as const, [middle, 2] as const]) {
    await client.query("START TRANSACTION");
    await client.query(`UPDATE shop.chain SET n = 7 WHERE id = ${row}`);
  }
  const waiting = [
    middle.query("UPDATE shop.chain SET n = 8 WHERE id = 1"),
    last.query("UPDATE shop.chain SET n = 9 WHERE id = 2"),
  ];
  const target = db({ only: { user: "root" } });
  const eye = makeEye();
  const seen = await until(async () => {
    const now = await eye(target);
    return now.metrics.waiting === 2 ? now : undefined;
  }, slowly);
  expect(seen.message).toMatch(
    new RegExp(`^2 sessions wait for locks, .*; at the root: connection ${root.threadId} \\(root\\), idle`),
  );
  const chain = `${root.threadId} < ${middle.threadId} < ${last.threadId}`;
  expect(seen.findings[0]?.evidence).toMatchObject({
    roots: [{ connection: root.threadId, blocks: 2, chain }],
  });
  const { details } = await remedyRig().apply("kill-connection", target);
  expect(details).toEqual({ [`connection ${root.threadId}`]: "killed; rolls back 1 modified row" });
  await waiting[0];
  await middle.query("COMMIT");
  await waiting[1];
});

test("one that ended its transaction before its turn came is left alone", async () => {
  const { blocker, id, waiter } = await blockRow(server);
  await untilSeen(db(), "mysql.blocked");
  const rig = remedyRig();
  // Right after the remedy looked: the blocker commits by itself.
  const context = rig.context(db(), { step: () => void blocker.query("COMMIT") });
  const result = await remedyOf("kill-connection")?.apply(context, {});
  expect(result?.details).toEqual({
    [`connection ${id}`]: "was gone or not in the way any more: left alone",
  });
  await waiter;
  await blocker.query("SELECT 1");
});

test("a prepared (XA) transaction that blocks is named, and no cure touches it", async () => {
  const admin = await server.connect();
  await admin.query("CREATE DATABASE IF NOT EXISTS shop");
  await admin.query("CREATE OR REPLACE TABLE shop.paid (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
  await admin.query("INSERT INTO shop.paid VALUES (1, 1)");
  const client = await server.connect();
  for (const statement of [
    "XA START 'order 66'",
    "UPDATE shop.paid SET n = 2",
    "XA END 'order 66'",
    "XA PREPARE 'order 66'",
  ])
    await client.query(statement);
  client.destroy();
  onTestFinished(() => void admin.query("XA ROLLBACK 'order 66'").catch(() => undefined));
  const waiter = await server.connect();
  const waiting = waiter.query("UPDATE shop.paid SET n = 3");
  const target = db({ only: { user: "root" } });
  const eye = makeEye();
  const seen = await until(async () => {
    const now = await eye(target);
    return now.message.includes("prepared") ? now : undefined;
  }, slowly);
  expect(seen.message).toMatch(
    /^a session waits for a lock, for .*; at the root: a prepared \(XA\) transaction \("order 66"\); a person must XA COMMIT or XA ROLLBACK it$/,
  );
  for (const remedy of ["kill-query", "kill-connection"])
    await expect(remedyRig().apply(remedy, target)).rejects.toThrow(
      "nothing was done: leave the prepared (XA) transaction alone",
    );
  await admin.query("XA ROLLBACK 'order 66'");
  await waiting;
});

test.each([
  ["a metadata lock", "SELECT * FROM shop.meta", "ALTER TABLE shop.meta ADD COLUMN m INT"],
  ["a lock of GET_LOCK", "SELECT GET_LOCK('leader', 1)", "SELECT GET_LOCK('leader', 60)"],
])(
  "who waits for %s is found; who holds it the server does not tell, so nobody is killed",
  async (what, hold, want) => {
    const holder = await server.connect();
    await holder.query("CREATE DATABASE IF NOT EXISTS shop");
    await holder.query("CREATE OR REPLACE TABLE shop.meta (id INT PRIMARY KEY) ENGINE=InnoDB");
    await holder.query("START TRANSACTION");
    await holder.query(hold);
    const waiter = await server.connect();
    const waiting = waiter.query(want);
    const target = db({ only: { user: "root" } });
    const seen = await untilSeen(target, "mysql.blocked");
    expect(seen.message).toMatch(
      new RegExp(
        `^connection ${waiter.threadId} waits for ${what}, for .*; the server does not tell who holds it$`,
      ),
    );
    await expect(remedyRig().apply("kill-connection", target)).rejects.toThrow(
      "nothing was done: leave who holds the lock alone: the server does not tell",
    );
    await holder.query("COMMIT");
    await holder.query("DO RELEASE_ALL_LOCKS()");
    await waiting;
  },
);

test("a URL without user and password, of a Unix socket, lets in who healq runs as", async () => {
  const admin = await server.connect();
  const me = userInfo().username;
  await admin.query(`CREATE USER IF NOT EXISTS '${me}'@localhost`);
  await admin.query(`GRANT PROCESS ON *.* TO '${me}'@localhost`);
  const socket = new URL(server.url()).searchParams.get("socketPath") ?? "";
  expect(await makeEye()(db({ url: `mysql:///?socketPath=${socket}` }))).toMatchObject({ status: "ok" });
});

test("the last connections are told of; a wrong password and a missing server are told apart, and no password is said", async () => {
  const eye = makeEye();
  const target = db({ url: server.url("shop"), connections: "50%" });
  const admin = await server.connect();
  await admin.query("CREATE OR REPLACE USER shop IDENTIFIED BY 'correct-horse'");
  const wrong = await eye(db({ url: server.url("shop").replace("shop@", "shop:hunter2@") }));
  expect(wrong).toMatchObject({ status: "unknown", findings: [] });
  expect(wrong.message).toMatch(/refuses user or password; set the right ones in url$/);
  expect(JSON.stringify(wrong)).not.toMatch(/hunter2/);
  await admin.query("CREATE OR REPLACE USER shop");
  expect((await makeEye()(target)).message).toMatch(/GRANT PROCESS/);
  await admin.query("GRANT PROCESS ON *.* TO shop");
  const inside = makeEye();
  const before = await inside(db({ url: server.url("shop"), connections: "100%" }, { id: "inside" }));
  expect(before).toMatchObject({ status: "ok", metrics: { slots: 10 } });
  const free = 10 - (before.metrics.connections ?? 0);
  await Promise.all(Array.from({ length: free }, () => server.connect("shop")));
  const full = await inside(db({ url: server.url("shop"), connections: "100%" }, { id: "inside" }));
  expect(full.findings).toMatchObject([{ symptom: "mysql.connections", severity: "critical" }]);
  expect(full.message).toBe("all 10 connections are in use: nobody else gets one");
  const outside = await makeEye()(target);
  expect(outside.findings).toMatchObject([{ symptom: "mysql.connections", severity: "critical" }]);
  expect(outside.message).toMatch(/has no connection left$/);

  const hangs = await makeEye()(
    db({ url: `mysql://healq@127.0.0.1:${await silentPort()}` }, { timeout: 300 }),
  );
  expect(hangs.findings).toMatchObject([{ symptom: "mysql.down" }]);
  expect(hangs.message).toMatch(/no answer within 270 ms$/);
  const gone = await makeEye()(db({ url: server.url().replace(/%2Fs$/, "%2Fgone") }));
  expect(gone.findings).toMatchObject([{ symptom: "mysql.down" }]);
  expect(gone.message).toMatch(/has no such socket$/);
});

test("all connections taken: the one that healq holds still sees and kills; a server that was killed is down", async () => {
  const own = await startMysql();
  onTestFinished(() => own.stop());
  const { id, waiter } = await blockRow(own);
  const rig = remedyRig();
  const target = db({ url: own.url(), connections: "100%" });
  const { askMysql } = await import("../../src/checks/mysql.ts");
  const before = await askMysql(mysqlSpecOf(target.spec), rig.context(target).memory, 2_000);
  // As an ordinary user: root may use the one in reserve.
  await Promise.all(Array.from({ length: 10 - before.connections }, () => own.connect("worker")));
  await expect(own.connect("worker")).rejects.toThrow(/Too many connections/);
  const { details } = await rig.apply("kill-connection", target);
  expect(details).toMatchObject({ [`connection ${id}`]: "killed; rolls back 3 modified rows" });
  await waiter;
  const eye = makeEye();
  await eye(target);
  await own.kill();
  const down = await eye(target);
  expect(down.findings).toMatchObject([{ symptom: "mysql.down", severity: "critical" }]);
  expect(down.message).toMatch(
    /(has no such socket|connection refused|closed the connection without an answer)$/,
  );
});

const transaction: Transaction = {
  ...{ id: "1", pid: 7, user: "worker", database: "shop", command: "Query", query: null },
  ...{ started: "2026-11-22 01:00:00", transactionMs: 9_000, stateMs: 9_000, waitMs: null, rowsModified: 3 },
};

test.each([
  [
    "a replication thread",
    { user: "system user", command: "Slave_SQL" },
    /no client's session \(system user, Slave_SQL\)/,
  ],
  ["the event scheduler", { user: "event_scheduler", command: "Daemon" }, /no client's session/],
  ["a replica's connection", { command: "Binlog Dump" }, /no client's session/],
  ["one whose session is gone", { user: null, command: null }, /nothing is known/],
  ["one that was killed already", { command: "Killed" }, /its work is being undone/],
  ["one that got the lock a moment ago", { transactionMs: 1_000 }, /the queue moves/],
  ["another user's", { user: "root" }, /its user is root, not worker/],
  ["another database's", { database: "mysql" }, /its database is mysql, not shop/],
])("%s is never killed", (_name, more, why) => {
  const spec = mysqlSpecOf(
    targetOf("mysql", { url: "mysql://h", blockedFor: "5s", only: { user: "worker", database: "shop" } })
      .spec,
  );
  const how = { kill: "CONNECTION", fault: "blocks" } as const;
  expect(untouchable(transaction, spec, how)).toBeUndefined();
  expect(untouchable({ ...transaction, ...more }, spec, how)).toMatch(why);
});

test("the example finds what blocks, and heals it by its own ladder", async () => {
  const file = fileURLToPath(new URL("../../examples/kinds/mysql.yaml", import.meta.url));
  const read = await loadWith(registries, file, { DB_URL: server.url(), BLOCKED_FOR: "0s", IDLE_FOR: "1h" });
  const target = read.ok ? read.config.targets.get("shop-db") : undefined;
  if (target === undefined) throw new Error("the example has no target shop-db");
  const { waiter } = await blockRow(server);
  await untilSeen(target, "mysql.blocked");
  expect(target.ladders.bySymptom["mysql.blocked"]?.map(({ remedy }) => remedy)).toEqual([
    "kill-query",
    "kill-connection",
  ]);
  const rig = remedyRig();
  await expect(rig.apply("kill-query", target)).rejects.toThrow("no effect");
  await rig.apply("kill-connection", target);
  await waiter;
  await until(async () => (await makeEye()(target)).findings.length === 0, { ...slowly, what: "it is well" });
});
