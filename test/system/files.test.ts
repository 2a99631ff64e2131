import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { readJson, writeAtomic } from "../../src/system/atomic.ts";
import { ensureFifo, hasWriters, openWriteEnd, watchFifo } from "../../src/system/fifo.ts";
import { openLog, tail } from "../../src/system/logfile.ts";
import { makeFolder } from "../../src/system/make-folder.ts";
import { rotate, spareRoom } from "../../src/system/rotate.ts";
import { socketPath } from "../../src/system/short-socket.ts";
import { prepareStateDir } from "../../src/system/state-dir.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

describe("atomic files", () => {
  it("replaces the whole file, mode 0600, and leaves nothing else behind", () => {
    const dir = scratch();
    const path = join(dir, "x.json");
    for (const durable of [true, false]) writeAtomic(path, `{"a":${durable}}`, { durable });
    expect(readFileSync(path, "utf8")).toBe('{"a":false}');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => writeAtomic(join(dir, "missing", "x"), "")).toThrow(/ENOENT/);
    mkdirSync(join(dir, "folder"));
    expect(() => writeAtomic(join(dir, "folder"), "text")).toThrow();
    expect(readdirSync(dir).sort()).toEqual(["folder", "x.json"]);
  });

  it("reads what fits the schema, and undefined for anything else", () => {
    const path = join(scratch(), "x.json");
    const schema = z.object({ a: z.number() });
    expect(readJson(path, schema)).toBeUndefined();
    for (const text of ["", "{", "null", '{"a":"1"}', "\0\0"]) {
      writeFileSync(path, text);
      expect(readJson(path, schema)).toBeUndefined();
    }
    writeFileSync(path, '{"a":1}');
    expect(readJson(path, schema)).toEqual({ a: 1 });
    expect(readJson("/tmp", schema)).toBeUndefined();
  });
});

describe("logs", () => {
  it("gives the last lines, however the file ends", () => {
    const path = join(scratch(), "x.log");
    expect(tail(path, 5)).toEqual([]);
    writeFileSync(path, "");
    expect(tail(path, 5)).toEqual([]);
    writeFileSync(path, "a\r\nb\n\nc");
    expect(tail(path, 2)).toEqual(["", "c"]);
    appendFileSync(path, "\n");
    expect(tail(path, 9)).toEqual(["a", "b", "", "c"]);
    expect(tail(path, 0)).toEqual([]);
    expect(tail("/dev/zero", 3)).toEqual([]);
  });

  it("is bounded and safe on binary rubbish and on a line of 10 MB", () => {
    const path = join(scratch(), "x.log");
    writeFileSync(path, Buffer.alloc(200_000, Buffer.from([0xff, 0x00, 0xc3])));
    expect(JSON.stringify(tail(path, 5)).length).toBeGreaterThan(100);
    writeFileSync(path, "ä".repeat(5_000_000));
    const [line = ""] = tail(path, 5);
    expect(line.startsWith("…ä")).toBe(true);
    expect(line.length).toBeLessThan(65_536);
    appendFileSync(path, "\nlast\n");
    expect(tail(path, 5)).toEqual(["last"]);
  });

  it("says why a log cannot be opened, and does not wait for a FIFO's reader", async () => {
    const dir = scratch();
    await ensureFifo(join(dir, "fifo"));
    expect(openLog(join(dir, "fifo"))).toMatchObject({ problem: expect.stringMatching(/cannot be written/) });
    expect(openLog(dir)).toMatchObject({ problem: expect.stringMatching(/cannot be written/) });
    symlinkSync("/nowhere/at/all", join(dir, "dangling"));
    expect(openLog(join(dir, "dangling", "x.log"))).toMatchObject({
      problem: expect.stringMatching(/folder .* cannot be created/),
    });
    const log = openLog(join(dir, "deep", "er", "x.log"));
    expect("fd" in log).toBe(true);
    if ("fd" in log) closeSync(log.fd);
  });

  it("is never written or read through a symbolic link, in its place or beside it", async () => {
    const dir = scratch();
    const [secret, path] = [join(dir, "secret"), join(dir, "x.log")];
    writeFileSync(secret, "secret text");
    symlinkSync(secret, path);
    expect(openLog(path)).toEqual({ problem: expect.stringMatching(/x\.log is a symbolic link/) });
    expect(await rotate(path, { maxSize: 1, keep: 1 })).toEqual({ rotated: false });
    expect(tail(path, 5)).toEqual([]);
    unlinkSync(path);
    writeFileSync(path, "a log that has grown");
    symlinkSync(secret, `${path}.copy`);
    expect(await rotate(path, { maxSize: 1, keep: 1 })).toMatchObject({ rotated: true });
    expect(readFileSync(secret, "utf8")).toBe("secret text");
    const out = openLog("/dev/null");
    expect("fd" in out).toBe(true);
    if ("fd" in out) closeSync(out.fd);
  });

  it("is rotated under its writer, keeps so many parts, and loses no line", async () => {
    const path = join(scratch(), "x.log");
    const fd = openSync(path, "a");
    const part = async (text: string) => {
      writeSync(fd, text.repeat(100));
      return rotate(path, { maxSize: 50, keep: 2 });
    };
    expect(await part("a")).toEqual({ rotated: true });
    expect(await part("b")).toEqual({ rotated: true });
    expect(await part("c")).toEqual({ rotated: true });
    writeSync(fd, "d");
    expect(await rotate(path, { maxSize: 50, keep: 2 })).toEqual({ rotated: false });
    closeSync(fd);
    expect([path, `${path}.1`, `${path}.2`].map((file) => readFileSync(file, "utf8"))).toEqual([
      "d",
      "c".repeat(100),
      "b".repeat(100),
    ]);
    expect(existsSync(`${path}.3`) || existsSync(`${path}.copy`)).toBe(false);
    expect(await rotate(path, { maxSize: 0, keep: 0 })).toEqual({ rotated: true });
    expect(readFileSync(path, "utf8")).toBe("");
    expect(await rotate(`${path}.none`, { maxSize: 0, keep: 1 })).toEqual({ rotated: false });
  });

  it("keeps the newest part of what has outgrown it by far, and says how much was dropped", async () => {
    const path = join(scratch(), "x.log");
    const line = `${"x".repeat(1_023)}\n`;
    const size = 50_000 + spareRoom;
    writeFileSync(path, `old\n${line.repeat(2 * Math.ceil(size / line.length))}new\n`);
    const whole = statSync(path).size;
    expect(await rotate(path, { maxSize: 50_000, keep: 2 })).toEqual({
      rotated: true,
      dropped: whole - size,
    });
    expect(statSync(`${path}.1`).size).toBe(size);
    expect(tail(`${path}.1`, 1)).toEqual(["new"]);
    expect(statSync(path).size).toBe(0);
  });

  it("is given up by the copy when its writer is faster, so that no part is without end", async () => {
    const path = join(scratch(), "x.log");
    const fd = openSync(path, "a");
    const block = Buffer.alloc(1024 * 1024, "x");
    for (let n = 0; n < 4; n += 1) writeSync(fd, block);
    const done = rotate(path, { maxSize: 1_000_000, keep: 1 });
    // Each time the copy waits for the disk, the writer is two blocks ahead.
    let isDone = false;
    const ended = done.finally(() => {
      isDone = true;
    });
    while (!isDone && statSync(path).size < 100 * block.length) {
      for (let n = 0; n < 2; n += 1) writeSync(fd, block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { rotated, dropped = 0 } = await ended;
    closeSync(fd);
    expect([rotated, dropped > 0]).toEqual([true, true]);
    expect(statSync(`${path}.1`).size).toBeLessThan(1_000_000 + spareRoom + 3 * block.length);
  });

  it("is cut without a copy when the copy cannot be made", async () => {
    const path = join(scratch(), "x.log");
    writeFileSync(path, "text");
    mkdirSync(`${path}.copy`);
    writeFileSync(join(`${path}.copy`, "in-the-way"), "");
    expect(await rotate(path, { maxSize: 1, keep: 1 })).toMatchObject({
      rotated: true,
      problem: expect.stringMatching(/its old part is lost/),
    });
    expect(readFileSync(path, "utf8")).toBe("");
  });
});

describe("FIFOs", () => {
  it("know whether a writer lives, and tell when the last one has gone", async () => {
    const path = join(scratch(), "x.fifo");
    expect(hasWriters(path)).toBe(false);
    await ensureFifo(path);
    await ensureFifo(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(hasWriters(path)).toBe(false);
    const writeEnd = openWriteEnd(path);
    const child = spawn("sh", ["-c", "head -c 100000 /dev/zero >&3; sleep 600"], {
      stdio: ["ignore", "ignore", "ignore", writeEnd],
      detached: true,
    });
    onTestFinished(() => killGroup(child.pid));
    closeSync(writeEnd);
    expect(hasWriters(path)).toBe(true);
    let ended = 0;
    const watch = watchFifo(path, () => {
      ended += 1;
    });
    expect(ended).toBe(0);
    killGroup(child.pid);
    await until(() => ended === 1);
    expect(hasWriters(path)).toBe(false);
    watch.close();
    expect(ended).toBe(1);
  });

  it("take the place of another file, and say why they cannot be made", async () => {
    const path = join(scratch(), "x.fifo");
    writeFileSync(path, "");
    await ensureFifo(path);
    expect(statSync(path).isFIFO()).toBe(true);
    await expect(ensureFifo("/nowhere/at/all/x")).rejects.toMatchObject({ code: "fifo" });
  });
});

describe("stateDir", () => {
  it("is made with its folders, for its owner alone", () => {
    const dir = join(scratch(), "a", "b");
    prepareStateDir(dir);
    prepareStateDir(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dir).sort()).toEqual(["intent", "logs", "pids"]);
    chmodSync(dir, 0o755);
    prepareStateDir(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    writeFileSync(join(dir, "file"), "");
    expect(() => prepareStateDir(join(dir, "file", "x"))).toThrow(/cannot be used/);
  });

  it.runIf(process.geteuid?.() === 0)("is refused as root when others can write it or own it", () => {
    const dir = scratch();
    chmodSync(dir, 0o770);
    expect(() => prepareStateDir(dir)).toThrow(/can be written by others \(mode 770\)/);
    chmodSync(dir, 0o700);
    chownSync(dir, 65_534, 0);
    expect(() => prepareStateDir(dir)).toThrow(/belongs to uid 65534/);
  });

  it("does not loop for ever where a folder cannot be made", () => {
    expect(() => makeFolder("/proc/nowhere/x", 0o700)).toThrow(/ENOENT/);
  });
});

describe("socket paths", () => {
  it("are the plain one where it fits, else a short and stable one that a server can use", async () => {
    const dir = scratch();
    expect(socketPath(dir, "x.sock")).toBe(join(dir, "x.sock"));
    const long = join(dir, "d".repeat(120));
    const runtime = process.env.XDG_RUNTIME_DIR;
    onTestFinished(() => {
      if (runtime === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = runtime;
    });
    process.env.XDG_RUNTIME_DIR = scratch();
    const before = socketPath(long, "x.sock");
    expect(Buffer.byteLength(before)).toBeLessThanOrEqual(107);
    mkdirSync(long);
    const chosen = socketPath(long, "x.sock");
    process.env.XDG_RUNTIME_DIR = dir;
    expect(socketPath(long, "x.sock")).toBe(chosen);
    expect(statSync(join(chosen, "..")).mode & 0o777).toBe(0o700);
    const other = join(dir, "e".repeat(120));
    mkdirSync(other);
    expect(socketPath(other, "x.sock").startsWith(dir)).toBe(true);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(chosen, resolve));
    await new Promise((resolve) => server.close(resolve));
    expect(() => socketPath(long, `${"n".repeat(100)}.sock`)).toThrow(/at most 107 bytes/);
  });
});

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
