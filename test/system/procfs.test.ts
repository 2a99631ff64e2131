import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readExit } from "../../src/system/exit-status.ts";
import {
  bootId,
  cpuSecondsOf,
  environHas,
  identityOf,
  isAlive,
  listProcesses,
  ownLineage,
  readStat,
  rssOf,
  startedAtOf,
  statOf,
} from "../../src/system/procfs.ts";
import { parseStat } from "../../src/system/stat-line.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

function run(
  program: string,
  args: string[],
  options: { env?: Record<string, string>; detached?: boolean } = {},
) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], ...options });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, pid: child.pid ?? 0 };
}

describe("stat", () => {
  it("is parsed from the last parenthesis, whatever the name holds", async () => {
    const program = join(scratch(), "a) R 1 (b");
    copyFileSync("/bin/sleep", program);
    const { pid } = run(program, ["600"]);
    const stat = readStat(pid);
    expect(stat).toMatchObject({ pid, name: "a) R 1 (b", ppid: process.pid, exiting: false, threads: 1 });
    await until(() => readStat(pid)?.state === "S");
    const twin = run(program, ["600"]);
    expect(readStat(twin.pid)?.startTime).toBeGreaterThanOrEqual(stat?.startTime ?? Number.POSITIVE_INFINITY);
  });

  it("is undefined for rubbish and for a pid that nobody has", () => {
    for (const line of ["", "1", "1 (x", "1 (x) S", "no (thing) at all"])
      expect(parseStat(Buffer.from(line))).toBeUndefined();
    expect(readStat(2 ** 22 + 1)).toBeUndefined();
    expect(identityOf(2 ** 22 + 1)).toBeUndefined();
  });

  it("gives memory, time and start in units of people", async () => {
    const before = Date.now();
    const { pid } = run("sh", ["-c", "while :; do :; done"]);
    const identity = identityOf(pid);
    expect(Math.abs((identity ? startedAtOf(identity) : 0) - before)).toBeLessThan(1_000);
    const stat = await until(() => {
      const now = readStat(pid);
      return now && cpuSecondsOf(now) >= 0.05 ? now : undefined;
    });
    expect(rssOf(stat)).toBeGreaterThan(100_000);
    expect(rssOf(stat)).toBeLessThan(50_000_000);
    const own = readStat(process.pid);
    expect(own && Math.abs(rssOf(own) / process.memoryUsage.rss() - 1)).toBeLessThan(0.2);
  });
});

describe("identity", () => {
  it("is alive, then a zombie while nobody waits for it, then dead; and a zombie tells how it ended", async () => {
    // The Python program has a child that it does not wait for until it is told to.
    const code =
      "import os,sys,signal\npid=os.fork()\nif pid==0: os._exit(7)\nprint(pid,flush=True)\nsignal.sigwait([signal.SIGUSR1])";
    const { child } = run("python3", [
      "-c",
      `import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK,[signal.SIGUSR1])\n${code}\nos.waitpid(pid,0)\nsignal.pause()`,
    ]);
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += String(bytes);
    });
    const pid = Number(await until(() => text.trim()));
    await until(() => readStat(pid)?.state === "Z");
    const identity = identityOf(pid);
    if (identity === undefined) throw new Error("the zombie is gone");
    expect(isAlive(identity)).toBe("zombie");
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(readExit(identity, 5)).toEqual({ code: 7, signal: null, unknown: false, at: 5 });
    child.kill("SIGUSR1");
    await until(() => isAlive(identity) === "dead");
    expect(readExit(identity, 5)).toBeUndefined();
  });

  it("is not that of another start, another boot, or another process with the same pid", () => {
    const { pid } = run("sleep", ["600"]);
    const identity = identityOf(pid);
    if (identity === undefined) throw new Error("sleep did not start");
    expect(identity.bootId).toBe(bootId());
    expect(isAlive(identity)).toBe("alive");
    expect(isAlive({ ...identity, startTime: identity.startTime + 1 })).toBe("dead");
    expect(isAlive({ ...identity, bootId: "other" })).toBe("dead");
    expect(statOf(identity)?.pid).toBe(pid);
  });

  it("of a stopped process is alive, in state T", async () => {
    const { child, pid } = run("sleep", ["600"]);
    const identity = identityOf(pid);
    child.kill("SIGSTOP");
    await until(() => readStat(pid)?.state === "T");
    expect(identity && isAlive(identity)).toBe("alive");
  });
});

describe("a scan", () => {
  it("lists everybody with command line and user, and knows who we descend from", () => {
    const { pid } = run("sh", ["-c", "read line; :", "an argument"]);
    const entry = listProcesses().find((candidate) => candidate.pid === pid);
    expect(entry?.cmdline).toBe("sh -c read line; : an argument");
    expect(entry?.uid).toBe(process.geteuid?.());
    const lineage = ownLineage();
    expect([process.pid, process.ppid, 1].every((own) => lineage.has(own))).toBe(true);
    expect(lineage.has(pid)).toBe(false);
  });

  it("sees a mark in the environment, whole entries only", async () => {
    const { pid } = run("/bin/sleep", ["600"], { env: { HEALQ_INSTANCE: "a/b=c", X: "1" } });
    await until(() => environHas(pid, "HEALQ_INSTANCE=a/b=c"));
    expect(environHas(pid, "HEALQ_INSTANCE=a/b")).toBe(false);
    expect(environHas(pid, "EALQ_INSTANCE=a/b=c")).toBe(false);
    expect(environHas(2 ** 22 + 1, "X=1")).toBe(false);
  });
});
