import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { logCommand } from "../../src/system/console-log.ts";
import { listProcesses } from "../../src/system/procfs.ts";
import { smallDisk } from "../support/disk.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

/** Runs it as tmux does, which makes one % of two. */
function run(command: string): { shell: ChildProcess; ended: Promise<void> } {
  const shell = spawn("/bin/sh", ["-c", command.replaceAll("%%", "%")], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  onTestFinished(() => {
    if (shell.exitCode === null) process.kill(-(shell.pid ?? 0), "SIGKILL");
  });
  shell.stdin?.on("error", () => undefined);
  return { shell, ended: new Promise((resolve) => shell.once("close", () => resolve())) };
}

test("it appends to the log, and to no other file that has its number by then", async () => {
  const [log, other] = ["log", "other"].map((name) => join(scratch(), name)) as [string, string];
  writeFileSync(log, "before\n");
  const fd = openSync(log, "a");
  const command = logCommand(fd, "mark");
  const first = run(command);
  first.shell.stdin?.end("first\n");
  await first.ended;
  expect(readFileSync(log, "utf8")).toBe("before\nfirst\n");

  closeSync(fd);
  const again = openSync(other, "a");
  expect(again).toBe(fd);
  const late = run(command);
  late.shell.stdin?.end("late\n");
  await late.ended;
  closeSync(again);
  expect(readFileSync(other, "utf8")).toBe("");
  expect(readFileSync(log, "utf8")).toBe("before\nfirst\n");
});

test("a full disk does not end it for good", async () => {
  const disk = smallDisk("size=64k");
  if (disk === undefined && process.env.CI !== undefined) throw new Error("needs to mount a tmpfs");
  if (disk === undefined) return;
  const log = join(disk, "log");
  const fd = openSync(log, "a");
  onTestFinished(() => closeSync(fd));
  writeFileSync(join(disk, "ballast"), Buffer.alloc(64 * 1024), { flag: "a" });
  const { shell, ended } = run(logCommand(fd, "mark"));
  shell.stdin?.write("lost\n");
  await until(
    () => listProcesses().some(({ stat, cmdline }) => stat.ppid === shell.pid && cmdline === "sleep 1"),
    { what: "it has met the full disk" },
  );
  rmSync(join(disk, "ballast"));
  await until(
    () => {
      shell.stdin?.write("kept\n");
      return readFileSync(log, "utf8").includes("kept\n");
    },
    { what: "it writes again" },
  );
  shell.stdin?.end();
  await ended;
});
