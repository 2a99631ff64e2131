import { execFileSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { sqlite } from "../../src/checks/sqlite.ts";
import { createMemories } from "../../src/look/memories.ts";
import { createSharedWork } from "../../src/look/shared-work.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { run } from "../support/child.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";
import { makeDatabase, makeWatch, session, sql, stop } from "../support/sqlite.ts";
import { until } from "../support/wait.ts";

const database = (base: string, more: object = {}, timeout = 2_000) =>
  targetOf("sqlite", { path: "app.db", ...more }, { base, timeout });

test.each(["wal", "delete"] as const)(
  "a write lock that lasts (%s) is a finding that names its holder, and not before",
  async (journal) => {
    const base = scratch();
    const path = makeDatabase(base, journal);
    const watch = makeWatch();
    expect(await watch.look(database(base))).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^not locked, \d/),
    });

    const holder = await session(path, "BEGIN IMMEDIATE");
    expect((await watch.look(database(base))).message).toMatch(
      /^write lock held for 0 ms by .*sqlite-session.*\(pid \d+\)/,
    );
    watch.later(29_000);
    expect(await watch.look(database(base))).toMatchObject({ status: "ok" });
    watch.later(2_000);
    const seen = await watch.look(database(base));
    expect(seen).toMatchObject({ status: "critical" });
    expect(seen.findings).toMatchObject([
      {
        symptom: "sqlite.locked",
        fact: false,
        message: expect.stringMatching(/^app\.db: write lock held for 31(\.\d)? s by .*\(at most 30 s\)$/),
        evidence: { holder: { pid: holder.pid, startTime: expect.any(Number), parent: process.pid } },
      },
    ]);
    holder.kill("SIGKILL");
    await new Promise((gone) => holder.once("exit", gone));
    expect(await watch.look(database(base))).toMatchObject({ status: "ok", metrics: { lockedMs: 0 } });
  },
);

test("a holder that is stopped is told as that", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const watch = makeWatch();
  const holder = await session(path, "BEGIN IMMEDIATE");
  await watch.look(database(base));
  await stop(holder);
  watch.later(20_000);
  await watch.look(database(base));
  watch.later(20_000);
  const [finding] = (await watch.look(database(base))).findings;
  expect(finding?.message).toMatch(/, which is stopped \(at most 30 s\)$/);
  // Stopped is counted from when it was seen.
  const evidence = JSON.stringify(finding?.evidence.holder);
  expect(evidence).toMatch(/"state":"T".*"stopped":true,"abandonedMs":2\d{4}\b/);
});

test("a writer that is merely busy holds the lock at every look, and is not locked", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  await session(path, "PRAGMA synchronous = OFF", "forever UPDATE t SET text = 'busy' WHERE n = 1");
  const watch = makeWatch();
  for (let look = 0; look < 4; look += 1) {
    expect(await watch.look(database(base, { lockedFor: "1s" }))).toMatchObject({ status: "ok" });
    watch.later(10_000);
  }
});

test("a WAL above walMax is a warning that names who reads it", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const reader = await session(path, "BEGIN", "SELECT count(*) FROM t");
  sql(path, "UPDATE t SET text = hex(zeroblob(5000))", "SELECT 1");
  const seen = await makeEye()(database(base, { walMax: "20kB" }));
  expect(seen).toMatchObject({ status: "warning", findings: [{ symptom: "sqlite.wal" }] });
  expect(seen.message).toMatch(
    new RegExp(`^app.db-wal has \\d+ kB \\(at most 20 kB\\); it is read by .*\\(pid ${reader.pid}\\)$`),
  );
  expect(await makeEye()(database(base, { walMax: "1MB" }))).toMatchObject({ status: "ok" });
});

test("damage is found by quick_check, at most as often as asked for, and stays found until it is mended", async () => {
  const base = scratch();
  const path = makeDatabase(base, "delete", 2_000);
  const watch = makeWatch();
  const target = database(base, { quickCheck: "1h" }, 10_000);
  const whole = await watch.look(target);
  expect(whole).toMatchObject({ status: "ok" });
  const before = readdirSync(base);
  expect(before).toEqual(["app.db"]);
  truncateSync(path, 40_960);
  expect(await watch.look(target)).toMatchObject({ status: "ok" });
  watch.later(3_600_000);
  const broken = await watch.look(target);
  expect(broken.findings).toMatchObject([{ symptom: "sqlite.corrupt", severity: "critical", fact: true }]);
  expect(broken.message).toMatch(/^app\.db is damaged: .+; keep all its files and restore a backup$/);
  expect(await watch.look(target)).toMatchObject({ status: "critical" });
  rmSync(path);
  makeDatabase(base, "delete");
  watch.later(61_000);
  expect(await watch.look(target)).toMatchObject({ status: "ok" });
});

test("a quick_check that does not finish in time is unknown until the next one", async () => {
  const base = scratch();
  makeDatabase(base, "delete");
  const watch = makeWatch();
  const hasty = database(base, { quickCheck: "1h" }, 20);
  expect(await watch.look(hasty)).toMatchObject({ status: "unknown", findings: [] });
  expect(await watch.look(hasty)).toMatchObject({
    status: "unknown",
    message: "app.db: quick_check did not finish in time: give the target a longer timeout",
  });
});

test("what is no database, no file, or not there is told", async () => {
  const base = scratch();
  const judge = async (more: object) => {
    const { status, message } = await makeEye()(database(base, more, 10_000));
    return `${status}: ${message}`;
  };
  expect(await judge({})).toBe("unknown: app.db is missing");
  expect(await judge({ path: "." })).toBe("unknown: . is not a regular file");
  writeFileSync(join(base, "text"), "no database\n".repeat(1_000));
  expect(await judge({ path: "text", quickCheck: "1h" })).toMatch(
    /^critical: text is damaged: .*not a database, or is encrypted/,
  );
  symlinkSync("nowhere", join(base, "link"));
  expect(await judge({ path: "link" })).toBe(
    "unknown: link cannot be looked at: it is a link that leads nowhere",
  );
});

test("a link is followed: the WAL and its locks are beside the real database", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  await session(path, "BEGIN IMMEDIATE");
  const other = scratch();
  symlinkSync(path, join(other, "app.db"));
  expect((await makeEye()(database(other))).message).toMatch(/^write lock held .* WAL /);
});

test("a database on a network file system is refused, by the type of its mount", async () => {
  const base = scratch();
  makeDatabase(base, "delete");
  const observe = async (type: string) => {
    const files = createFiles({
      mounts: () => [
        { point: "/", type: "ext4" },
        { point: base, type },
      ],
    });
    onTestFinished(() => files.close());
    const ports = { now: Date.now, processes: noProcesses, files, signal: new AbortController().signal };
    const own = { memory: createMemories()("it"), shared: createSharedWork() };
    return sqlite.observe(database(base), { ...ports, ...own });
  };
  for (const type of ["nfs4", "cifs", "9p", "fuse.sshfs", "ceph"]) {
    expect(await observe(type)).toMatchObject({
      status: "unknown",
      message: `app.db is on a network file system (${base}), where SQLite's locks cannot be relied on: it is not touched`,
    });
  }
  for (const type of ["xfs", "overlay", "tmpfs", "btrfs"])
    expect(await observe(type)).toMatchObject({ status: "ok" });
});

test("a database in a folder that healq may only read is looked at without harm", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  await session(path, "BEGIN IMMEDIATE");
  const before = readdirSync(base);
  const eye = makeEye();
  chmodSync(base, 0o555);
  await asNobody(async () => {
    expect(await eye(database(base))).toMatchObject({
      status: "ok",
      message: expect.stringContaining("write lock held"),
    });
    const tried = await eye(database(base, { lockedFor: "0s" }));
    expect(tried).toMatchObject({ status: "unknown", findings: [] });
    expect(tried.message).toMatch(
      /whether it is let go in between could not be tried: EACCES: permission denied/,
    );
  });
  chmodSync(base, 0o755);
  expect(readdirSync(base)).toEqual(before);
});

test("the lock that the sqlite3 program takes is seen, and keeps the probe out", async () => {
  const base = scratch();
  const path = makeDatabase(base, "wal");
  const shell = execFileSync("sqlite3", [path, "PRAGMA journal_mode"], { encoding: "utf8" });
  expect(shell.trim()).toBe("wal");
  const watch = makeWatch();
  const script = `(echo 'BEGIN IMMEDIATE;'; touch ${path}.begun; sleep 60) | sqlite3 ${path}`;
  run(["sh", "-c", script]);
  await until(async () => (await watch.look(database(base))).message.includes("sqlite3"), {
    within: 10_000,
  });
  watch.later(31_000);
  expect((await watch.look(database(base))).findings).toMatchObject([{ symptom: "sqlite.locked" }]);
});

/** Runs something as a user who may read the folder and nothing more; as root, by giving up its rights for a while. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    // Where nobody may not even read the sources there is nothing to be tried.
    accessSync(fileURLToPath(new URL("../../node_modules/libsql", import.meta.url)));
  } catch {
    process.seteuid?.(0);
    return;
  }
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
