import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ProcessSpec } from "../../src/model/process.ts";
import { identityOf, isAlive, readStat, startedAtOf } from "../../src/system/procfs.ts";
import { until } from "../support/wait.ts";
import { bench, copiesOf, kill, makeSpec } from "./bench.ts";

const program = fileURLToPath(new URL("../support/supervise.ts", import.meta.url));

interface Supervisor {
  readonly child: ChildProcess;
  said(): string;
  readonly gone: Promise<unknown>;
}

/** Another healq in a process of its own, on the same stateDir. */
function supervise(
  spec: ProcessSpec,
  stateDir: string,
  steps: string[],
  env: Record<string, string> = {},
): Supervisor {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", program, stateDir, JSON.stringify(spec), ...steps],
    {
      env: { ...process.env, TSX_DISABLE_CACHE: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    text += String(bytes);
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  return { child, said: () => text, gone };
}

const within = { within: 15_000 };

describe("a healq after the one that started the process", () => {
  it("adopts it, and hears its death by itself, with the signal or code if it could still be read", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["sh", "-c", "while :; do sleep 0.05; done"] });
    const first = supervise(spec, b.stateDir, ["start", "hold"]);
    await until(() => first.said().includes("started"), within);
    first.child.kill("SIGKILL");
    await first.gone;
    const { processes, exits } = b.open();
    const target = b.target("w", spec);
    const pid = processes.read("w").identity?.pid ?? 0;
    expect(processes.adoptAll([target])).toEqual([{ id: "w", pid }]);
    expect(processes.recover()).toEqual([]);
    expect(await processes.start(target)).toEqual({ pid, adopted: true });
    const killed = performance.now();
    kill(pid);
    await until(() => exits.length === 1, { every: 1 });
    expect((exits[0]?.at ?? 0) - killed).toBeLessThan(6_000);
    expect(exits[0]).toMatchObject({ id: "w", expected: false });
    const exit = exits[0]?.exit;
    expect(exit?.unknown === true || exit?.signal === "SIGKILL").toBe(true);
    expect(processes.read("w").exit).toEqual(exit);
  });

  it("does not take a closed descriptor 3 for a death", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", {
      run: ["sh", "-c", "trap 'exec 3>&-; echo closed' USR1; echo ready; while :; do sleep 0.02 3>&-; done"],
    });
    const first = b.open();
    const target = b.target("w", spec);
    const { pid } = await first.processes.start(target);
    first.processes.close();
    const { processes, exits } = b.open();
    processes.adoptAll([target]);
    await until(() => b.output("w") === "ready\n");
    process.kill(pid, "SIGUSR1");
    await until(() => b.lines.some((line) => line.includes("closed descriptor 3")));
    expect(exits).toEqual([]);
    expect(processes.read("w").exit).toBeUndefined();
    // The next look, or the next start, finds the death all the same.
    const dead = processes.read("w").identity;
    kill(pid);
    await until(() => dead && isAlive(dead) !== "alive");
    const next = await processes.start(target);
    expect(next.adopted).toBe(false);
    expect(exits).toHaveLength(1);
    // One of its own short sleeps may end between the two readings.
    const sessions = copiesOf(b.stateDir, "w").map((copy) => readStat(copy)?.session ?? next.pid);
    expect(new Set(sessions)).toEqual(new Set([next.pid]));
  });

  it("does not take the old process' end-of-file for the death of the new one", async () => {
    const b = bench();
    const target = b.target("w", { run: ["sleep", "600"] });
    const first = b.open();
    await first.processes.start(target);
    first.processes.close();
    const { processes, exits } = b.open();
    processes.adoptAll([target]);
    await processes.stop(target, "heal");
    const { pid } = await processes.start(target);
    await until(() => exits.length === 1);
    expect(exits).toMatchObject([{ expected: true }]);
    expect(processes.read("w").exit).toBeUndefined();
    expect(processes.read("w").identity?.pid).toBe(pid);
    kill(pid);
    await until(() => exits.length === 2);
    expect(exits[1]).toMatchObject({ expected: false, exit: { signal: "SIGKILL" } });
  });

  it("tells of a death that nobody saw, once", async () => {
    const b = bench();
    const target = b.target("w", { run: ["sleep", "600"] });
    const first = b.open();
    const { pid } = await first.processes.start(target);
    const dead = first.processes.read("w").identity;
    first.processes.close();
    kill(pid);
    await until(() => dead && isAlive(dead) !== "alive");
    const { processes, exits } = b.open();
    expect(processes.adoptAll([target])).toEqual([]);
    expect(exits).toMatchObject([{ id: "w", expected: false }]);
    expect(b.open().processes.adoptAll([target])).toEqual([]);
    await processes.start(target);
    expect(exits).toHaveLength(1);
  });
});

describe("a healq that was killed with -9", () => {
  it("between spawn and writing the pid: the copy is adopted, and there is one", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["sleep", "600"] });
    const first = supervise(spec, b.stateDir, ["start"], { DIE_BEFORE: "pids/w.json" });
    await first.gone;
    expect(existsSync(join(b.stateDir, "pids", "w.json"))).toBe(false);
    const [pid = 0] = await until(() => copiesOf(b.stateDir, "w"));
    const { processes, exits } = b.open();
    const target = b.target("w", spec);
    expect(processes.adoptAll([target])).toEqual([]);
    expect(processes.recover()).toEqual([{ id: "w", todo: "none", pid, was: "being started" }]);
    expect(processes.recover()).toEqual([]);
    expect(await processes.start(target)).toEqual({ pid, adopted: true });
    expect(copiesOf(b.stateDir, "w")).toEqual([pid]);
    const { identity, startedAt = 0 } = processes.read("w");
    expect(identity).toEqual(identityOf(pid));
    expect(identity && Math.abs(startedAt - startedAtOf(identity))).toBeLessThan(500);
    expect(readFileSync(join(b.stateDir, "pids", "w.pid"), "utf8")).toBe(`${pid}\n`);
    kill(pid);
    await until(() => exits.length === 1);
  });

  it("before it spawned anything: the start is to be done", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["./die"] });
    // The program that the first healq is to run kills it: its start has come to nothing that lives.
    writeFileSync(join(b.stateDir, "die"), "#!/bin/sh\nkill -9 $PPID\n", { mode: 0o755 });
    const first = supervise(spec, b.stateDir, ["start"], { DIE_BEFORE: "pids/w.json" });
    await first.gone;
    await until(() => copiesOf(b.stateDir, "w").length === 0);
    const { processes } = b.open();
    expect(processes.recover()).toEqual([{ id: "w", todo: "start", was: "being started" }]);
    const { adopted } = await processes.start(b.target("w", { run: ["sleep", "600"] }));
    expect(adopted).toBe(false);
    expect(processes.recover()).toEqual([]);
  });

  it("between stop and start: the start is to be done, until it is", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["sleep", "600"] });
    const first = supervise(spec, b.stateDir, ["start", "stop", "hold"]);
    await until(() => first.said().includes("stopped"), within);
    first.child.kill("SIGKILL");
    await first.gone;
    const { processes, exits } = b.open();
    const target = b.target("w", spec);
    expect(processes.adoptAll([target])).toEqual([]);
    const todo = [{ id: "w", todo: "start", was: "stopped for a restart and not started again" }];
    expect(processes.recover()).toEqual(todo);
    expect(b.open().processes.recover()).toEqual(todo);
    const { pid } = await processes.start(target);
    expect(copiesOf(b.stateDir, "w")).toEqual([pid]);
    expect(processes.recover()).toEqual([]);
    expect(exits).toEqual([]);
  });

  it("after it wrote down that it stops the process, before any signal: the restart is to be done, and never by a second copy", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["sleep", "600"] });
    const first = supervise(spec, b.stateDir, ["start", "stop"], { DIE_BEFORE: "signal" });
    await first.gone;
    expect(JSON.parse(readFileSync(join(b.stateDir, "intent", "w.json"), "utf8")).stage).toBe("stopping");
    const [old] = copiesOf(b.stateDir, "w");
    const { processes, exits } = b.open();
    const target = b.target("w", spec);
    expect(processes.adoptAll([target])).toEqual([{ id: "w", pid: old }]);
    expect(processes.recover()).toEqual([
      { id: "w", todo: "restart", why: "heal", was: "being stopped for a restart" },
    ]);
    expect(await processes.stop(target, "heal")).toEqual({ pid: old, signal: "SIGTERM" });
    const { pid } = await processes.start(target);
    expect(copiesOf(b.stateDir, "w")).toEqual([pid]);
    expect(exits).toMatchObject([{ expected: true }]);
    expect(processes.recover()).toEqual([]);
  });

  it("while the process was slow to stop: the restart is to be done, and the exit is an expected one", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", {
      run: [
        "sh",
        "-c",
        "trap 'echo term; while [ ! -e go ]; do sleep 0.02; done; exit 0' TERM; echo ready; while :; do sleep 0.02; done",
      ],
    });
    const first = supervise(spec, b.stateDir, ["start", "stop"]);
    await until(
      () => existsSync(join(b.stateDir, "logs", "w.log")) && b.output("w").includes("term"),
      within,
    );
    first.child.kill("SIGKILL");
    await first.gone;
    const { processes, exits } = b.open();
    const target = b.target("w", spec);
    expect(processes.adoptAll([target])).toHaveLength(1);
    expect(processes.recover()).toEqual([
      { id: "w", todo: "restart", why: "heal", was: "being stopped for a restart" },
    ]);
    writeFileSync(join(b.stateDir, "go"), "");
    await until(() => exits.length === 1);
    expect(exits[0]?.expected).toBe(true);
    await processes.stop(target, "heal");
    const { pid } = await processes.start(target);
    expect(processes.read("w").identity?.pid).toBe(pid);
    expect(processes.recover()).toEqual([]);
  });

  it("between writing the pid and clearing the intent: nothing is left to do", async () => {
    const b = bench();
    const spec = makeSpec(b.stateDir, "w", { run: ["sleep", "600"] });
    const first = supervise(spec, b.stateDir, ["start"], { DIE_BEFORE: "pids/w.pid" });
    await first.gone;
    const { processes } = b.open();
    const target = b.target("w", spec);
    const [adopted] = processes.adoptAll([target]);
    expect(processes.recover()).toEqual([{ id: "w", todo: "none", pid: adopted?.pid, was: "being started" }]);
    expect(copiesOf(b.stateDir, "w")).toEqual([adopted?.pid]);
  });
});

describe("strangers", () => {
  it("a foreign process that got an old pid and group is neither adopted nor signalled", async () => {
    const b = bench();
    const foreign = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    onTestFinished(() => kill(foreign.pid ?? 0));
    const identity = identityOf(foreign.pid ?? 0);
    if (identity === undefined) throw new Error("sleep did not start");
    const old = { ...identity, startTime: identity.startTime - 100 };
    writeFileSync(
      join(b.stateDir, "pids", "w.json"),
      JSON.stringify({
        identity: old,
        group: old.pid,
        instance: "an-old-one",
        startedAt: Date.now() - 60_000,
      }),
    );
    const { processes, exits } = b.open();
    const target = b.target("w", { run: ["sleep", "600"] });
    expect(processes.adoptAll([target])).toEqual([]);
    expect(exits).toMatchObject([{ exit: { unknown: true } }]);
    await expect(processes.signal(target, "SIGKILL")).rejects.toMatchObject({ code: "not-running" });
    expect(await processes.stop(target, "heal")).toEqual({ pid: null, signal: null });
    const { pid, adopted } = await processes.start(target);
    expect([adopted, pid === foreign.pid]).toEqual([false, false]);
    expect(isAlive(identity)).toBe("alive");
  });

  it("a record of another boot, and one that is rubbish, are as good as none", async () => {
    const b = bench();
    const own = identityOf(process.pid);
    const { processes } = b.open();
    const target = b.target("w", { run: ["sleep", "600"] });
    for (const text of [
      JSON.stringify({ identity: { ...own, bootId: "another" }, startedAt: 1 }),
      "\0\0{",
      '{"identity":{"pid":1,"startTime":1,"bootId":"x"}}',
    ]) {
      writeFileSync(join(b.stateDir, "pids", "w.json"), text);
      expect(processes.adoptAll([target])).toEqual([]);
      expect(await processes.stop(target, "person")).toEqual({ pid: null, signal: null });
    }
    writeFileSync(join(b.stateDir, "intent", "w.json"), "rubbish");
    expect(processes.recover()).toEqual([]);
    expect((await processes.start(target)).adopted).toBe(false);
  });

  it("healq itself is never signalled, whatever a record says", async () => {
    const b = bench();
    const own = identityOf(process.pid);
    writeFileSync(join(b.stateDir, "pids", "w.json"), JSON.stringify({ identity: own, startedAt: 1 }));
    const { processes } = b.open();
    const target = b.target("w", { run: ["sleep", "600"] });
    await expect(processes.signal(target, "SIGTERM")).rejects.toMatchObject({ code: "not-running" });
    expect(await processes.stop(target, "person")).toEqual({ pid: null, signal: null });
    expect(() => processes.read("../w")).toThrow(/is not an id/);
  });
});

describe("waiting", () => {
  it("shows what a target waits for until it is cleared or started", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", { run: ["sleep", "600"] });
    processes.waiting("w", "db");
    expect(processes.read("w").waitsFor).toBe("db");
    processes.clearWaiting("w");
    expect(processes.read("w").waitsFor).toBeUndefined();
    processes.waiting("w", "db");
    await processes.start(target);
    expect(processes.read("w").waitsFor).toBeUndefined();
    await processes.stop(target, "heal");
    processes.clearWaiting("w");
    expect(processes.recover()).toMatchObject([{ id: "w", todo: "start" }]);
  });
});
