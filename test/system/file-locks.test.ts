import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasOpen, locksOn, parseLocks, readLocks } from "../../src/system/file-locks.ts";
import { databaseFiles, walReaders, writeLockOf } from "../../src/system/sqlite-files.ts";
import { scratch } from "../support/scratch.ts";
import { makeDatabase, midTransaction, session, sql } from "../support/sqlite.ts";

test("lines of /proc/locks are read: POSIX and OFD locks that are held, no others", () => {
  const table = parseLocks(
    [
      "1: POSIX  ADVISORY  WRITE 3777 fe:00:1474572 120 120",
      "1: -> POSIX  ADVISORY  WRITE 3778 fe:00:1474572 120 120",
      "2: OFDLCK ADVISORY  READ -1 08:11:7 0 EOF",
      "3: FLOCK  ADVISORY  WRITE 12 fe:00:1474572 0 EOF",
      "4: LEASE  ACTIVE    READ 12 fe:00:9 0 EOF",
      "garbage",
    ].join("\n"),
  );
  expect(Object.fromEntries(table)).toEqual({
    "1474572": [{ pid: 3777, write: true, device: "fe:00", inode: "1474572", from: 120, to: 120 }],
    "7": [{ pid: -1, write: false, device: "08:11", inode: "7", from: 0, to: Number.POSITIVE_INFINITY }],
  });
});

test("a lock on the same inode of another device is another file's, unless its holder has this one open", () => {
  const path = join(scratch(), "f");
  writeFileSync(path, "");
  const file = statSync(path, { bigint: true });
  const line = (pid: number) => `1: POSIX  ADVISORY  WRITE ${pid} ff:ff:${file.ino} 0 EOF`;
  expect(locksOn(file, parseLocks(line(process.pid)))).toEqual([]);
  const open = statSync(process.execPath, { bigint: true });
  expect(hasOpen(process.pid, file)).toBe(false);
  expect(hasOpen(process.pid, open)).toBe(false);
  expect(hasOpen(2 ** 22 + 1, file)).toBeUndefined();
});

describe("the write lock of a database is seen in /proc/locks", () => {
  const lockOf = (path: string) => {
    const [files, table] = [databaseFiles(path), readLocks()];
    if ("problem" in files || table === undefined) throw new Error("cannot be looked at");
    return { lock: writeLockOf(files, table), readers: walReaders(files, table) };
  };

  test("in WAL mode on byte 120 of -shm, with who reads by way of the WAL beside it", async () => {
    const path = makeDatabase(scratch(), "wal");
    const reader = await session(path, "BEGIN", "SELECT count(*) FROM t");
    expect(lockOf(path)).toEqual({ lock: undefined, readers: [reader.pid] });
    const writer = await session(path, "BEGIN IMMEDIATE");
    const { lock } = lockOf(path);
    expect(lock).toMatchObject({ pid: writer.pid, on: "byte 120 of app.db-shm" });
    expect(lock && hasOpen(writer.pid, lock.file)).toBe(true);
  });

  test("in rollback mode on the reserved byte, and on the pending one when pages had to be written", async () => {
    const base = scratch();
    const path = makeDatabase(base, "delete", 500);
    const reader = await session(path, "BEGIN", "SELECT count(*) FROM t");
    expect(lockOf(path).lock).toBeUndefined();
    reader.kill("SIGKILL");
    const writer = await session(path, "BEGIN IMMEDIATE");
    expect(lockOf(path).lock).toMatchObject({ pid: writer.pid, on: "byte 1073741825 of app.db" });
    writer.kill("SIGKILL");
    const spilling = await session(path, ...midTransaction);
    expect(lockOf(path).lock).toMatchObject({ pid: spilling.pid, on: "byte 1073741824 of app.db" });
    spilling.kill("SIGKILL");
    expect(sql(path, "SELECT count(*) AS rows FROM t")).toEqual([{ rows: 500 }]);
    expect(lockOf(path).lock).toBeUndefined();
  });
});
