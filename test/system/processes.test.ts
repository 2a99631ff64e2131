import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf, isAlive, listProcesses, readStat } from "../../src/system/procfs.ts";
import { readProcesses } from "../../src/system/read-processes.ts";
import { until } from "../support/wait.ts";
import { bench, copiesOf, kill, leftOvers } from "./bench.ts";

const sleeper = ["sleep", "600"] as const;

describe("start", () => {
  it("runs the program in its own session, with its output in the log, and writes down who it is", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", {
      run: ["sh", "-c", "echo out; echo err >&2; echo $GREETING; sleep 600"],
      env: { GREETING: "hello" },
    });
    const { pid, adopted } = await processes.start(target);
    expect(adopted).toBe(false);
    expect(readStat(pid)).toMatchObject({ session: pid, pgrp: pid });
    await until(() => b.output("w") === "out\nerr\nhello\n", { what: "both streams are in the log" });
    expect(readFileSync(join(b.stateDir, "pids", "w.pid"), "utf8")).toBe(`${pid}\n`);
    expect(processes.read("w").identity).toEqual(identityOf(pid));
    expect(readProcesses(b.stateDir).read("w")).toEqual(processes.read("w"));
    expect(existsSync(join(b.stateDir, "intent", "w.json"))).toBe(false);
    expect(leftOvers(b.stateDir)).toEqual([]);
  });

  it("adopts the copy that runs already instead of starting another", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", { run: [...sleeper] });
    const first = await processes.start(target);
    expect(await processes.start(target)).toEqual({ pid: first.pid, adopted: true });
    expect(copiesOf(b.stateDir, "w")).toEqual([first.pid]);
  });

  it("says in words why there is nothing to run, and keeps it for the next look", async () => {
    const b = bench();
    const { processes } = b.open();
    writeFileSync(join(b.stateDir, "plain.txt"), "no program");
    writeFileSync(join(b.stateDir, "badshebang"), "#!/nowhere/at/all\n", { mode: 0o755 });
    const cases: [Parameters<typeof b.target>[1], RegExp][] = [
      [{ run: ["no-such-command-here"] }, /command not found: no-such-command-here$/],
      [{ run: ["./nothing.sh"] }, /command not found: \.\/nothing\.sh \(there is no /],
      [{ run: ["./plain.txt"] }, /not executable: .*plain\.txt/],
      [{ run: ["./logs"] }, /not a program: .*logs is a folder/],
      [{ run: ["./badshebang"] }, /interpreter in its first line is missing/],
      [{ run: [...sleeper], cwd: "/nowhere/at/all" }, /the working folder is missing: \/nowhere\/at\/all/],
      [{ run: [...sleeper], envFile: "/nowhere/.env" }, /envFile \/nowhere\/\.env cannot be read/],
      [{ run: [...sleeper], user: "no-such-user" }, /unknown user: no-such-user/],
      [
        { run: [...sleeper], log: { path: "/proc/nowhere/x.log", maxSize: 1, keep: 1 } },
        /log's folder \/proc\/nowhere cannot be created/,
      ],
      [{ run: ["sleep", "6\0"] }, /could not be started/],
    ];
    for (const [spec, message] of cases) {
      const target = b.target("w", spec);
      await expect(processes.start(target)).rejects.toMatchObject({
        code: "start-failed",
        message: expect.stringMatching(message),
      });
      expect(processes.read("w").startError).toMatch(message);
      expect(processes.read("w").identity).toBeUndefined();
    }
    expect(existsSync(join(b.stateDir, "intent", "w.json"))).toBe(false);
    await processes.start(b.target("w", { run: [...sleeper] }));
    expect(processes.read("w").startError).toBeUndefined();
  });

  it("gives healq's environment without anything of healq's own, then envFile, then env", async () => {
    const b = bench();
    const { processes } = b.open();
    process.env.HEALQ_SECRET = "x";
    process.env.REDIS_URL = "redis://:pw@h";
    writeFileSync(join(b.stateDir, ".env"), "# words\nA=file\nB=file\nexport C='with space'\n");
    await processes.start(
      b.target("w", { run: ["env"], envFile: join(b.stateDir, ".env"), env: { B: "config" } }),
    );
    delete process.env.HEALQ_SECRET;
    delete process.env.REDIS_URL;
    await until(() => processes.read("w").exit, { what: "env has ended" });
    const lines = b.output("w").split("\n");
    expect(lines).toEqual(
      expect.arrayContaining(["A=file", "B=config", "C=with space", `PATH=${process.env.PATH}`]),
    );
    expect(lines.filter((line) => /^(HEALQ_(?!INSTANCE=)|REDIS_URL)/.test(line))).toEqual([]);
  });

  it("keeps the pid when nice, umask and user are put before the program", async () => {
    const b = bench();
    const { processes } = b.open();
    const user = process.geteuid?.() === 0 ? { user: "nobody" } : {};
    const target = b.target("w", {
      run: ["sh", "-c", 'umask; nice; id -un; echo $$ "$1"; exec sleep 600', "sh", "a b"],
      nice: 5,
      umask: "027",
      cwd: "/",
      ...user,
    });
    const { pid } = await processes.start(target);
    await until(() => b.output("w").split("\n").length === 5, { what: "it said who it is" });
    const [umask, nice, name, self] = b.output("w").split("\n");
    expect([umask, nice, self]).toEqual(["0027", "5", `${pid} a b`]);
    if (process.geteuid?.() === 0) expect(name).toBe("nobody");
    expect((await processes.stop(target, "person")).pid).toBe(pid);
  });
});

describe("exits", () => {
  it("tells of the death of an own child at once, with its signal or code", async () => {
    const b = bench();
    const { processes, exits } = b.open();
    const { pid } = await processes.start(b.target("w", { run: [...sleeper] }));
    kill(pid);
    await until(() => exits.length === 1, { every: 2 });
    expect(exits[0]).toMatchObject({
      id: "w",
      exit: { code: null, signal: "SIGKILL", unknown: false },
      expected: false,
    });
    expect(processes.read("w").exit?.signal).toBe("SIGKILL");
    expect(existsSync(join(b.stateDir, "pids", "w.pid"))).toBe(false);
    await processes.start(b.target("v", { run: ["sh", "-c", "exit 3"] }));
    await until(() => exits.length === 2, { every: 2 });
    expect(exits[1]).toMatchObject({ id: "v", exit: { code: 3, signal: null } });
    expect(processes.read("v").backgrounded).toBeUndefined();
  });

  it("says that a program put itself in the background, and ends that copy before the next start", async () => {
    const b = bench();
    const { processes, exits } = b.open();
    const target = b.target("w", { run: ["sh", "-c", "setsid sleep 600 3>&- & sleep 0.1; exit 0"] });
    await processes.start(target);
    await until(() => exits.length === 1);
    expect(processes.read("w")).toMatchObject({ exit: { code: 0 }, backgrounded: true });
    const [daemon] = copiesOf(b.stateDir, "w");
    const next = b.target("w", { run: [...sleeper] });
    const { pid } = await processes.start(next);
    expect(copiesOf(b.stateDir, "w")).toEqual([pid]);
    expect(pid).not.toBe(daemon);
    expect(processes.read("w").backgrounded).toBeUndefined();
  });

  it("ends the children that a killed leader left, also one without marker and descriptor, before the new start", async () => {
    const b = bench();
    const { processes, exits } = b.open();
    const script =
      "env -i sleep 601 3>&- & trap '' TERM; sh -c 'trap \"\" TERM; sleep 602; sleep 603' & echo $!; sleep 604";
    const target = b.target("w", { run: ["sh", "-c", script] });
    const { pid } = await processes.start(target);
    await until(() => b.output("w") !== "" && sessionPids(pid).length >= 5, {
      what: "all children are there",
    });
    const children = sessionPids(pid).filter((child) => child !== pid);
    kill(pid);
    await until(() => exits.length === 1);
    const next = await processes.start(b.target("w", { run: [...sleeper] }));
    expect(children.filter((child) => sessionPids(pid).includes(child))).toEqual([]);
    expect(copiesOf(b.stateDir, "w")).toEqual([next.pid]);
  });
});

describe("stop", () => {
  it("ends the whole group, a child that ignores SIGTERM by SIGKILL, and announces the exit", async () => {
    const b = bench();
    const { processes, exits } = b.open();
    const target = b.target("w", {
      run: ["sh", "-c", "(trap '' TERM; echo ready; while :; do sleep 0.05; done) & wait"],
      stop: { signal: "SIGTERM", timeout: 300 },
    });
    const { pid } = await processes.start(target);
    await until(() => b.output("w") === "ready\n");
    const begun = performance.now();
    expect(await processes.stop(target, "person")).toEqual({ pid, signal: "SIGKILL" });
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(sessionPids(pid)).toEqual([]);
    expect(exits).toMatchObject([{ id: "w", expected: true }]);
    expect(processes.read("w")).toMatchObject({ stoppedByPerson: true, exit: { signal: "SIGTERM" } });
    expect(existsSync(join(b.stateDir, "intent", "w.json"))).toBe(false);
    expect(await processes.stop(target, "person")).toEqual({ pid: null, signal: null });
  });

  it("continues a stopped process, so that it can end gracefully", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", {
      run: ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo ready; while :; do :; done"],
    });
    const { pid } = await processes.start(target);
    await until(() => b.output("w") === "ready\n");
    process.kill(-pid, "SIGSTOP");
    await until(() => readStat(pid)?.state === "T");
    expect(await processes.stop(target, "heal")).toEqual({ pid, signal: "SIGTERM" });
    expect(b.output("w")).toContain("bye");
  });

  it("can be cut short, and the next stop finishes it", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", {
      run: ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"],
      stop: { signal: "SIGTERM", timeout: 60_000 },
    });
    const { pid } = await processes.start(target);
    await until(() => b.output("w") === "ready\n");
    await expect(processes.stop(target, "heal", AbortSignal.timeout(100))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(isAlive(identityOf(pid) ?? { pid, startTime: 0, bootId: "" })).toBe("alive");
    const quick = b.target("w", { run: [...sleeper], stop: { signal: "SIGTERM", timeout: 50 } });
    expect(await processes.stop(quick, "person")).toEqual({ pid, signal: "SIGKILL" });
  });

  it("sends one signal to the group, and says so when nothing runs", async () => {
    const b = bench();
    const { processes } = b.open();
    const target = b.target("w", {
      run: ["sh", "-c", "trap 'echo hup' HUP; echo ready; while :; do sleep 0.02; done"],
    });
    await expect(processes.signal(target, "SIGHUP")).rejects.toMatchObject({ code: "not-running" });
    const { pid } = await processes.start(target);
    await until(() => b.output("w") === "ready\n");
    expect(await processes.signal(target, "SIGHUP")).toBe(pid);
    await until(() => b.output("w").includes("hup"));
  });
});

function sessionPids(leader: number): number[] {
  return listProcesses()
    .filter(({ stat }) => stat.session === leader && stat.state !== "Z")
    .map(({ pid }) => pid);
}
