import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { followLock, lockedFinding } from "../../src/checks/sqlite-lock.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createMemories } from "../../src/look/memories.ts";
import { createSharedWork } from "../../src/look/shared-work.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Target } from "../../src/model/target.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { filesNow, locksNow } from "../../src/remedies/sqlite-steps.ts";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { writeLockOf } from "../../src/system/sqlite-files.ts";
import { run } from "../support/child.ts";
import { smallDisk } from "../support/disk.ts";
import { noProcesses, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import {
  contentOf,
  makeDatabase,
  makeWatch,
  midTransaction,
  session,
  sql,
  sqliteSession,
  stop,
} from "../support/sqlite.ts";
import { until } from "../support/wait.ts";

const database = (base: string, more: object = {}): Target =>
  targetOf("sqlite", { path: "app.db", ...more }, { base, id: "db" });

/** The finding of a lock that was seen for 40 s, as the check makes it once it was tried. */
function lockedFor40s(target: Target): Finding {
  let now = Date.now();
  const { memory, shared } = { memory: createMemories()("db"), shared: createSharedWork() };
  const signal = new AbortController().signal;
  const context = { now: () => now, memory, shared, signal, processes: noProcesses, files: createFiles() };
  const follow = () => followLock(writeLockOf(filesNow(target), locksNow()), context);
  follow();
  now += 40_000;
  const held = follow();
  if (held === undefined) throw new Error("nobody holds the write lock");
  return lockedFinding(held, { path: "app.db", lockedFor: 30_000, files: filesNow(target) });
}

/** Applies `release-lock` under a finding. */
async function release(target: Target, finding: Finding, rig = remedyRig()) {
  const context = rig.context(target, { finding });
  const remedy = remedyOf("release-lock");
  const params = remedy?.schema.parse({});
  const plan = await remedy?.plan(context, params);
  const result = await remedy?.apply(context, params);
  return { plan, said: context.said, ...result };
}

const isGone = (pid: number) => {
  const identity = identityOf(pid);
  return identity === undefined || isAlive(identity) !== "alive";
};

describe.each(["wal", "delete"] as const)("in %s mode", (journal) => {
  test("a stopped holder in the middle of a transaction is ended, and every one of 10,000 committed rows is there", async () => {
    const base = scratch();
    const path = makeDatabase(base, journal, 10_000);
    const before = contentOf(path);
    expect(before).toMatchObject({ rows: 10_000, whole: "ok" });
    const holder = await session(path, ...midTransaction);
    await stop(holder);
    const target = database(base);
    const done = await release(target, lockedFor40s(target));
    expect(done.said).toEqual(done.plan);
    expect(done.said[0]).toMatch(
      /^stop .*\(pid \d+\), which holds the write lock \(stopped for 40(\.\d)? s\), with SIGTERM/,
    );
    expect(done.details).toMatchObject({
      holder: holder.pid,
      endedBy: "SIGTERM",
      walAfter: 0,
      quickCheck: "ok",
    });
    expect(isGone(holder.pid)).toBe(true);
    expect(existsSync(`${path}-journal`)).toBe(false);
    expect(contentOf(path)).toEqual(before);
    sql(path, "DELETE FROM t WHERE n = 1", "SELECT 1");
  });

  test("what a writer left that was killed in the middle of a transaction is rolled back, and nothing is lost", async () => {
    const base = scratch();
    const path = makeDatabase(base, journal, 10_000);
    const before = contentOf(path);
    const holder = await session(path, ...midTransaction);
    holder.kill("SIGKILL");
    await new Promise((gone) => holder.once("exit", gone));
    expect(readdirSync(base).length).toBeGreaterThan(1);
    const rig = remedyRig();
    const done = await rig.apply("release-lock", database(base));
    expect(done.said[0]).toBe(`${path}: nobody holds its write lock, so nobody is stopped`);
    expect(existsSync(`${path}-journal`)).toBe(false);
    expect(contentOf(path)).toEqual(before);
  });
});

test("-wal and -shm are never deleted, moved or cut by others than SQLite: what was committed to them is read by whoever has them open", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  // It keeps both files, and what is committed now stays in the WAL alone.
  const idle = await session(path, "SELECT count(*) FROM t", "forever SELECT max(n) FROM t");
  sql(path, "INSERT INTO t VALUES (77, 'only in the WAL')", "SELECT 1");
  const holder = await session(path, ...midTransaction);
  await stop(holder);
  const inodes = () => [`${path}-wal`, `${path}-shm`].map((file) => statSync(file).ino);
  const bytes = () => [path, `${path}-wal`].map((file) => readFileSync(file).toString("base64"));
  const [before, then] = [inodes(), bytes()];
  const target = database(base);
  const finding = lockedFor40s(target);
  await makeWatch().look(target);
  expect(bytes()).toEqual(then);
  await release(target, finding);
  expect(inodes()).toEqual(before);
  expect(contentOf(path)).toMatchObject({ rows: 11, whole: "ok" });
  expect(isGone(idle.pid)).toBe(false);
});

test("a database that a killed writer left is not touched by a look, and its WAL is recovered by the cure alone", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const writer = await session(path, "INSERT INTO t VALUES (77, 'only in the WAL')", ...midTransaction);
  writer.kill("SIGKILL");
  await new Promise((gone) => writer.once("exit", gone));
  const picture = () =>
    readdirSync(base).map((name) => [name, readFileSync(join(base, name)).toString("base64")]);
  const before = picture();
  expect(before.map(([name]) => name)).toEqual(["app.db", "app.db-shm", "app.db-wal"]);
  expect(await makeWatch().look(database(base))).toMatchObject({ status: "ok" });
  expect(picture()).toEqual(before);
  await remedyRig().apply("checkpoint", database(base));
  expect(contentOf(path)).toMatchObject({ rows: 11, whole: "ok" });
});

test("a database in a folder that cannot be written is not cured, and is as it was", async ({ skip }) => {
  const disk = smallDisk("size=8m") ?? skip();
  const path = makeDatabase(disk, "delete");
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const before = contentOf(path);
  await expect(remedyRig().apply("checkpoint", database(disk))).rejects.toThrow(
    /^checkpoint of .* failed: .*(readonly|read-only|unable to open)/i,
  );
  expect(readdirSync(disk)).toEqual(["app.db"]);
  expect(contentOf(path)).toEqual(before);
});

test("a holder that is nobody's business is reported and left alone", async () => {
  const base = scratch();
  const holder = await session(makeDatabase(base, "wal"), "BEGIN IMMEDIATE");
  const target = database(base, { holders: ["^another program"] });
  const finding = lockedFor40s(target);
  await expect(release(target, finding)).rejects.toThrow(
    /^left alone: .*\(pid \d+\) holds the write lock, and is neither a target, nor named by holders:, nor left behind; /,
  );
  // Stopped a moment ago is not left behind.
  await stop(holder);
  await expect(release(target, finding)).rejects.toThrow(/^left alone: /);
  expect(isGone(holder.pid)).toBe(false);
});

test("a holder that `holders` names is ended", async () => {
  const base = scratch();
  const holder = await session(makeDatabase(base, "wal"), "BEGIN IMMEDIATE");
  const target = database(base, { holders: ["sqlite-session"] });
  const done = await release(target, lockedFor40s(target));
  expect(done.said[0]).toContain("(holders: names /sqlite-session/)");
  expect(isGone(holder.pid)).toBe(true);
});

test("an orphan is ended; its shell is gone and its session has no leader", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const shell = `"${process.execPath}" "${sqliteSession}" "${path}" "${path}.ready" "BEGIN IMMEDIATE" & echo $! > pid`;
  run(["sh", "-c", shell], { cwd: base });
  await until(() => existsSync(`${path}.ready`), { within: 10_000 });
  const target = database(base);
  const done = await release(target, lockedFor40s(target));
  expect(done.said[0]).toMatch(/\(orphaned for 40(\.\d)? s\)/);
  expect(done.details).toMatchObject({ endedBy: "SIGTERM" });
});

test("the lock that has gone over to another is not taken from it", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const first = await session(path, "BEGIN IMMEDIATE");
  const target = database(base, { holders: ["sqlite-session"] });
  const finding = lockedFor40s(target);
  first.kill("SIGKILL");
  const second = await session(path, "BEGIN IMMEDIATE");
  const plan = await remedyOf("release-lock")?.plan(remedyRig().context(target, { finding }), {
    ...{ timeout: 1_000, within: 1_000, quickCheck: 1_000 },
  });
  expect(plan?.[0]).toMatch(/its write lock has gone over to .*, so nobody is stopped$/);
  expect(isGone(second.pid)).toBe(false);
});

test("a holder that healq started for a target is that target's to heal", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const rig = remedyRig();
  const statements = [`${path}.ready`, "BEGIN IMMEDIATE"];
  // A child of what was started, too.
  const script = '"$0" "$@" & wait';
  const worker = targetOf(
    "process",
    { run: ["sh", "-c", script, process.execPath, sqliteSession, path, ...statements] },
    { id: "worker", base },
  );
  await rig.processes.start(worker);
  await until(() => existsSync(`${path}.ready`), { within: 10_000 });
  const target = database(base);
  const done = await release(target, lockedFor40s(target), rig);
  expect(done.plan).toEqual(["ask for a heal of worker"]);
  expect(done.followUps).toMatchObject([
    { type: "heal", target: "worker", reason: expect.stringMatching(/^db: app\.db: write lock held/) },
  ]);
});

test("checkpoint empties the WAL, or names who keeps it from being emptied", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const reader = await session(path, "BEGIN", "SELECT count(*) FROM t");
  sql(path, "UPDATE t SET text = hex(zeroblob(50000))", "SELECT 1");
  const before = contentOf(path);
  const rig = remedyRig();
  await expect(rig.apply("checkpoint", database(base), { within: "100ms" })).rejects.toThrow(
    new RegExp(`^the WAL of app.db could not be emptied: it is used by .*\\(pid ${reader.pid}\\)$`),
  );
  reader.kill("SIGKILL");
  const idle = await session(path, "SELECT count(*) FROM t");
  const done = await rig.apply("checkpoint", database(base));
  expect(done.details).toMatchObject({ walAfter: 0 });
  expect(done.details?.walBefore).toBeGreaterThan(500_000);
  expect(statSync(`${path}-wal`).size).toBe(0);
  idle.kill("SIGKILL");
  expect(contentOf(path)).toEqual(before);
});

test("the example of the docs finds its faults, and is cured of them", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const file = fileURLToPath(new URL("../../examples/kinds/sqlite.yaml", import.meta.url));
  const config = await loadConfig(file, { APP_DB: path });
  const target = config.ok ? config.config.targets.get("app-db") : undefined;
  if (target === undefined) throw new Error(JSON.stringify(config));
  const [rung] = target.ladders.bySymptom["sqlite.locked"] ?? [];
  expect(rung?.remedy).toBe("release-lock");
  const holder = await session(
    path,
    "INSERT INTO t VALUES (100, 'kept')",
    "BEGIN IMMEDIATE",
    "DELETE FROM t",
  );
  await stop(holder);
  const finding = lockedFor40s(target);
  const context = remedyRig().context(target, { finding });
  await remedyOf("release-lock")?.apply(context, rung?.params);
  expect((await makeWatch().look(target)).message).toMatch(/^not locked/);
  expect(contentOf(path)).toMatchObject({ rows: 11, whole: "ok" });
});
