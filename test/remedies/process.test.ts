import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { GuardClosed } from "../../src/model/errors.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { run } from "../support/child.ts";
import { targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const uniqueSleep = (): string => `6${Math.floor(Math.random() * 1e9)}`;
const ownUser = process.geteuid?.() === 0 ? { user: "root" } : {};

describe("restart", () => {
  it("ends the old process and starts a new one, in lines that a person understands", async () => {
    const rig = remedyRig();
    const target = targetOf(
      "process",
      { run: ["sleep", "600"], stop: { signal: "SIGINT", timeout: "3s" } },
      { id: "worker" },
    );
    const { pid: oldPid } = await rig.processes.start(target);
    const { said, details } = await rig.apply("restart", target);
    expect(said).toEqual([`stop worker (pid ${oldPid}) with SIGINT, SIGKILL after 3 s`, "start sleep 600"]);
    expect(details).toMatchObject({
      oldPid,
      endedBy: "SIGINT",
      pid: rig.processes.read("worker").identity?.pid,
    });
    expect(identityOf(oldPid)?.startTime).not.toBe(rig.processes.read("worker").identity?.startTime);
  });

  it("only starts what is dead", async () => {
    const rig = remedyRig();
    const target = targetOf("process", { run: ["sleep", "600"] }, { id: "worker" });
    const { pid } = await rig.processes.start(target);
    process.kill(pid, "SIGKILL");
    await until(() => rig.processes.read("worker").exit !== undefined);
    expect((await rig.apply("restart", target)).said).toEqual(["start sleep 600"]);
  });

  it("stays stopped when a person stops the target between the two halves", async () => {
    const rig = remedyRig({ mayGoOn: () => Promise.reject(new GuardClosed("ann stopped worker")) });
    const target = targetOf("process", { run: ["sleep", "600"] }, { id: "worker" });
    const { pid } = await rig.processes.start(target);
    await expect(rig.apply("restart", target)).rejects.toThrow("ann stopped worker");
    const { identity, calledOff, restartingSince } = rig.processes.read("worker");
    expect({ calledOff, restartingSince }).toEqual({ calledOff: true, restartingSince: undefined });
    expect(identity?.pid ?? pid).toBe(pid);
    expect(identity === undefined || isAlive(identity)).not.toBe("alive");
    await rig.apply("start", target);
    expect(rig.processes.read("worker").calledOff).toBeUndefined();
  });

  it("uses the start: and stop: commands of a process that is only found", async () => {
    const base = scratch();
    const rig = remedyRig();
    const spec = {
      match: "no-such-program",
      ...ownUser,
      start: ["sh", "-c", 'echo "start $HEALQ_TARGET" >> did'],
      stop: ["sh", "-c", "echo stop >> did"],
    };
    const { said } = await rig.apply("restart", targetOf("process", spec, { id: "nginx", base }));
    expect(readFileSync(join(base, "did"), "utf8")).toBe("stop\nstart nginx\n");
    expect(said).toEqual([
      'stop nginx by sh -c "echo stop >> did", at most 30 s',
      'start nginx by sh -c "echo \\"start $HEALQ_TARGET\\" >> did", at most 30 s',
    ]);
  });

  it("does not start when the stop: command fails", async () => {
    const base = scratch();
    const spec = {
      port: 1,
      start: ["touch", "started"],
      stop: ["sh", "-c", "echo no such unit >&2; exit 5"],
    };
    const target = targetOf("process", spec, { base });
    await expect(remedyRig().apply("restart", target)).rejects.toThrow("sh exited with code 5: no such unit");
    expect(existsSync(join(base, "started"))).toBe(false);
  });

  it("never ends, nor doubles, a found process that healq did not start", async () => {
    const seconds = uniqueSleep();
    const foreign = run(["sleep", seconds]);
    const target = targetOf(
      "process",
      { match: `^sleep ${seconds}$`, ...ownUser, run: ["sleep", seconds] },
      { id: "worker" },
    );
    for (const remedy of ["restart", "start"]) {
      await expect(remedyRig().apply(remedy, target)).rejects.toThrow(
        `worker runs as pid ${foreign.pid}, which healq did not start`,
      );
      await expect(remedyRig().plan(remedy, target)).rejects.toThrow("which healq did not start");
    }
    expect(foreign.exitCode ?? foreign.signalCode).toBeNull();
  });

  it("restarts a found process that healq did start", async () => {
    const seconds = uniqueSleep();
    const rig = remedyRig();
    const target = targetOf(
      "process",
      { match: `^sleep ${seconds}$`, ...ownUser, run: ["sleep", seconds] },
      { id: "worker" },
    );
    await rig.apply("start", target);
    const { pid } = rig.processes.read("worker").identity ?? {};
    await rig.apply("restart", target);
    expect(rig.processes.read("worker").identity?.pid).not.toBe(pid);
  });

  it("is refused for a process that is only looked at", () => {
    const spec = targetOf("process", { pidFile: "x.pid" }).spec;
    for (const [name, params] of [
      ["restart", {}],
      ["start", {}],
      ["signal", "SIGHUP"],
    ] as const) {
      const said = remedyOf(name)?.misfit?.({ kind: "process", spec }, params);
      expect(said).toMatch(new RegExp(`^${name} needs run:`));
    }
  });
});

describe("start", () => {
  it("leaves alone what runs", async () => {
    const rig = remedyRig();
    const target = targetOf("process", { run: ["sleep", "600"] }, { id: "worker" });
    await rig.apply("start", target);
    const { pid } = rig.processes.read("worker").identity ?? {};
    expect((await rig.apply("start", target)).said).toEqual([
      `worker runs already (pid ${pid}): nothing to start`,
    ]);
    expect(rig.processes.read("worker").identity?.pid).toBe(pid);
  });
});

describe("signal", () => {
  it("reaches the process", async () => {
    const base = scratch();
    const rig = remedyRig();
    const script = 'trap "touch heard" USR1; touch ready; while :; do sleep 0.05; done';
    const target = targetOf("process", { run: ["sh", "-c", script] }, { id: "worker", base });
    await rig.apply("start", target);
    await until(() => existsSync(join(base, "ready")));
    // `sleep` is in the group too, and ends at SIGUSR1; the shell goes on.
    await rig.apply("signal", target, "SIGUSR1");
    await until(() => existsSync(join(base, "heard")));
  });

  it("says that nobody is there to be signalled", async () => {
    const target = targetOf("process", { run: ["sleep", "600"] }, { id: "worker" });
    await expect(remedyRig().apply("signal", target, "SIGHUP")).rejects.toThrow("worker does not run");
  });

  it("takes only signals that can cure", () => {
    const schema = remedyOf("signal")?.schema;
    expect(["SIGHUP", "SIGUSR2", "SIGKILL"].every((name) => schema?.safeParse(name).success)).toBe(true);
    expect(
      ["SIGSTOP", "HUP", "sighup", "9", 9, "", null, {}].some((name) => schema?.safeParse(name).success),
    ).toBe(false);
  });
});

describe("exec", () => {
  const rig = () => remedyRig();

  it("tells the program of the fault and keeps what it wrote", async () => {
    const base = scratch();
    const said: string[] = [];
    const context = {
      ...rig().context(targetOf("file", { path: "f" }, { id: "weights", base })),
      step: (line: string) => said.push(line),
    };
    const finding = {
      symptom: "file.stale",
      severity: "critical",
      fact: false,
      message: "f is old",
      evidence: {},
    } as const;
    const params = remedyOf("exec")?.schema.parse([
      "sh",
      "-c",
      'echo "$HEALQ_TARGET/$HEALQ_SYMPTOM/$HEALQ_MESSAGE"; pwd',
    ]);
    const result = await remedyOf("exec")?.apply({ ...context, finding }, params);
    expect(result?.details).toEqual({ output: ["weights/file.stale/f is old", base] });
    expect(said[0]).toContain("at most 30 s");
  });

  it("passes arguments as they are: no shell reads them", async () => {
    const base = scratch();
    await rig().apply("exec", targetOf("file", { path: "f" }, { base }), ["touch", "$(touch hacked); a b"]);
    expect(existsSync(join(base, "$(touch hacked); a b"))).toBe(true);
    expect(existsSync(join(base, "hacked"))).toBe(false);
  });

  it("keeps healq's own variables from it", async () => {
    process.env.HEALQ_TOKEN = "hunter2";
    onTestFinished(() => void delete process.env.HEALQ_TOKEN);
    const { details } = await rig().apply("exec", targetOf("file", { path: "f" }, { base: scratch() }), {
      run: ["env"],
      env: { MINE: "yes" },
    });
    expect(String(details?.output)).not.toContain("hunter2");
  });

  it("fails with the last lines of a program that fails", async () => {
    const command = [
      "sh",
      "-c",
      "for i in 1 2 3 4 5 6 7; do echo line $i; done; printf '\\033[31mred\\n' >&2; exit 4",
    ];
    await expect(
      rig().apply("exec", targetOf("file", { path: "f" }, { base: scratch() }), command),
    ).rejects.toThrow(/^sh exited with code 4: .*line 7 \| red$/);
  });

  it.each([
    ["a program that is not there", ["./nope.sh"], "command not found: ./nope.sh"],
    ["a program on no PATH", ["no-such-program-here"], "command not found: no-such-program-here"],
    ["a folder that is not there", { run: ["true"], cwd: "gone" }, "the working folder is missing"],
    ["a program that is killed", ["sh", "-c", "kill -9 $$"], "sh was killed by SIGKILL"],
  ])("says clearly what is wrong with %s", async (_, params, said) => {
    await expect(
      rig().apply("exec", targetOf("file", { path: "f" }, { base: scratch() }), params),
    ).rejects.toThrow(said);
  });

  it("ends the whole group at its timeout, children that ignore SIGTERM included", async () => {
    const base = scratch();
    const script =
      "trap '' TERM; (trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done) & echo $! > child; wait";
    const params = { run: ["sh", "-c", script], timeout: "200ms" };
    await expect(rig().apply("exec", targetOf("file", { path: "f" }, { base }), params)).rejects.toThrow(
      "did not end within 200 ms and was ended",
    );
    const child = Number(readFileSync(join(base, "child"), "utf8"));
    await until(
      () => identityOf(child) === undefined || readFileSync(`/proc/${child}/stat`, "utf8").includes(") Z "),
    );
  });

  it("ends the whole group when the heal is cancelled, with the guard's own reason", async () => {
    const base = scratch();
    const cancelled = new AbortController();
    const given = rig().context(targetOf("file", { path: "f" }, { base }), { signal: cancelled.signal });
    const params = remedyOf("exec")?.schema.parse(["sh", "-c", "echo $$ > pid; sleep 600"]);
    const applied = remedyOf("exec")?.apply(given, params);
    applied?.catch(() => undefined);
    await until(() => existsSync(join(base, "pid")) && readFileSync(join(base, "pid"), "utf8") !== "");
    cancelled.abort(new GuardClosed("ann paused everything"));
    await expect(applied).rejects.toThrow("ann paused everything");
    expect(identityOf(Number(readFileSync(join(base, "pid"), "utf8")))).toBeUndefined();
  });

  it("does not wait for a child that keeps the output open", async () => {
    const base = scratch();
    const began = performance.now();
    await rig().apply("exec", targetOf("file", { path: "f" }, { base }), [
      "sh",
      "-c",
      "setsid sleep 600 & echo $! > child",
    ]);
    expect(performance.now() - began).toBeLessThan(30_000);
    process.kill(Number(readFileSync(join(base, "child"), "utf8")), "SIGKILL");
  });
});
