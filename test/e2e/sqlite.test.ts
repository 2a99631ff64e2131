import { expect, test } from "vitest";
import { makeNode } from "../support/node.ts";
import { contentOf, makeDatabase, sqliteSession } from "../support/sqlite.ts";
import { told, untilTold } from "../support/story.ts";

test("a worker that sits on the write lock of a database is restarted for it, once, and what was committed is there", async () => {
  // The first time it takes the lock and does nothing; then it is well.
  const hold = `exec "${process.execPath}" "${sqliteSession}" app.db ready 'INSERT INTO t VALUES (99, NULL)' 'BEGIN IMMEDIATE' 'DELETE FROM t'`;
  const node = makeNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      importer: {
        kind: "process",
        run: ["sh", "-c", `[ -e ready ] && exec sleep 1000; ${hold}`],
        stableFor: "200ms",
      },
      db: { kind: "sqlite", path: "app.db", lockedFor: "1s", timeout: "2s" },
    },
  });
  const path = makeDatabase(node.folder, "wal");
  await node.up();
  await untilTold(node, "db", "heal.succeeded", { within: 30_000 });
  expect(told(node, "db", "heal.started")).toMatchObject([
    {
      symptom: "sqlite.locked",
      action: "release-lock",
      reason: expect.stringMatching(/^app\.db: write lock held for /),
    },
  ]);
  expect(told(node, "importer", "heal.started")).toMatchObject([
    { action: "restart", reason: expect.stringMatching(/^db: app\.db: write lock held for /) },
  ]);
  expect(contentOf(path)).toMatchObject({ rows: 11, whole: "ok" });
});
