import { afterAll, beforeAll, expect, test } from "vitest";
import { blockRow, startMysql, type TestMysql } from "../support/mysql.ts";
import { makeNode } from "../support/node.ts";
import { block, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { told, untilTold } from "../support/story.ts";

let postgres: TestPostgres;
let mysql: TestMysql;
beforeAll(async () => {
  [postgres, mysql] = await Promise.all([startPostgres(), startMysql()]);
});
afterAll(() => Promise.all([postgres?.stop(), mysql?.stop()]));

const defaults = {
  every: "1s",
  probation: "1s",
  backoff: { delay: "1s", max: "1s", jitter: 0 },
  verify: { within: "2s" },
};

test("PostgreSQL: one that idles in its transaction is not cured by a cancel, so its session is ended, and who waited goes on", async () => {
  const { blocker, pid, waiter } = await block(postgres);
  const target = { kind: "postgres", url: postgres.url(), blockedFor: "1s", only: { application: "worker" } };
  const node = makeNode({ defaults, targets: { db: target } });
  await node.up();
  await untilTold(node, "db", "heal.succeeded", { within: 30_000 });
  await waiter;
  await expect(blocker.query("SELECT 1")).rejects.toThrow();
  expect(told(node, "db", "heal.failed").concat(told(node, "db", "heal.started"))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ action: "cancel-blocker", symptom: "postgres.blocked" }),
    ]),
  );
  expect(told(node, "db", "heal.succeeded")).toMatchObject([
    { action: "terminate-blocker", details: expect.objectContaining({ [`pid ${pid}`]: "ended" }) },
  ]);
});

test("MariaDB: one that idles in its transaction has no statement to kill, so its connection is, and who waited goes on", async () => {
  const { blocker, id, waiter } = await blockRow(mysql);
  const target = { kind: "mysql", url: mysql.url(), blockedFor: "1s", only: { user: "worker" } };
  const node = makeNode({ defaults, targets: { db: target } });
  await node.up();
  await untilTold(node, "db", "heal.succeeded", { within: 30_000 });
  await waiter;
  await expect(blocker.query("SELECT 1")).rejects.toThrow();
  expect(told(node, "db", "heal.failed").concat(told(node, "db", "heal.started"))).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: "kill-query", symptom: "mysql.blocked" })]),
  );
  expect(told(node, "db", "heal.succeeded")).toMatchObject([
    {
      action: "kill-connection",
      details: expect.objectContaining({ [`connection ${id}`]: "killed; rolls back 3 modified rows" }),
    },
  ]);
});
