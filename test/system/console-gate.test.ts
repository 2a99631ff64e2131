import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeGate, shutGates } from "../../src/system/console-gate.ts";
import { launcherArgv } from "../../src/system/console-launcher.ts";
import { listProcesses } from "../../src/system/procfs.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const mark = "hash/job/5d1f6c1e-0000-4000-8000-0123456789ab";

/** A launcher of a program that says `ran`, as a window runs it: what it said, and its exit code. */
function launch(gate: string, fifo: string): { pid: number; ended: Promise<string> } {
  const [shell = "", ...args] = launcherArgv(gate, { argv: ["echo", "ran"], cwd: "/", env: {}, fifo });
  const child = spawn(shell, args, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.once("close", (code) => resolve(`${said}${code}`))),
  };
}

function fifoOf(folder: string): string {
  const fifo = join(folder, "job.fifo");
  execFileSync("mkfifo", [fifo]);
  return fifo;
}

test("a launcher goes through its gate when that is opened, whoever comes first", async () => {
  const fifo = fifoOf(scratch());
  const gate = await makeGate(fifo, mark);
  const early = launch(gate.path, fifo);
  gate.open();
  expect(await early.ended).toBe("ran\n0");
  gate.open();
  expect(await launch(gate.path, fifo).ended).toBe("ran\n0");
  gate.shut();
});

test("one that waits when the gate is shut, and one that comes afterwards, run nothing and end", async () => {
  const fifo = fifoOf(scratch());
  const gate = await makeGate(fifo, mark);
  const waiting = launch(gate.path, fifo);
  await until(() => isAt(waiting.pid, gate.path), { what: "it waits" });
  gate.shut();
  expect(await waiting.ended).toBe("75");
  expect(await launch(gate.path, fifo).ended).toBe("75");
  expect(existsSync(gate.path)).toBe(false);
});

test("the gates that a healq left which was killed are shut, and those of no other target", async () => {
  const folder = scratch();
  const fifo = fifoOf(folder);
  const [left, others] = ["job.0123abcd.gate", "job.0123abcd.4567cdef.gate"].map((name) =>
    join(folder, name),
  ) as [string, string];
  execFileSync("mkfifo", [left, others]);
  const waiting = launch(left, fifo);
  await until(() => listProcesses().some(({ pid, stat }) => pid === waiting.pid && stat.state === "S"));
  shutGates(fifo);
  expect(await waiting.ended).toBe("75");
  expect([left, others].map((path) => existsSync(path))).toEqual([false, true]);
});

/** True once it has opened that file. */
function isAt(pid: number, path: string): boolean {
  return execFileSync("ls", ["-l", `/proc/${pid}/fd`], { encoding: "utf8" }).includes(path);
}
