import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker } from "../../src/look/looker.ts";
import type { Observation } from "../../src/model/observation.ts";
import { run } from "../support/child.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { noManagers, standIns, systemdBlock } from "../support/managers.ts";
import { remedyRig } from "../support/remedy-rig.ts";

const unit = (name: string, more: object = {}, id = "it") =>
  targetOf("process", { systemd: name, startGrace: "0s", stableFor: "0s", ...more }, { id });

/** What is said of a unit that systemd describes so. */
async function judged(changed: Record<string, string | number>, more: object = {}): Promise<Observation> {
  standIns().put("web.service", systemdBlock("web.service", changed));
  return makeEye()(unit("web.service", more));
}

const failed = { ActiveState: "failed", SubState: "failed" };

test("a unit that runs is ok, with the pid and the memory of its main process", async () => {
  const { pid } = run(["sleep", "300"]);
  const seen = await judged({ MainPID: pid });
  expect(seen).toMatchObject({ status: "ok", state: "running", pid, message: "running" });
  expect(seen.metrics.rss).toBeGreaterThan(100_000);
});

test("a unit without a main process is ok, and says so", async () => {
  const seen = await judged({ Type: "oneshot", SubState: "exited" });
  expect(seen).toMatchObject({ status: "ok", message: "running, active (exited)" });
  expect(seen.pid).toBeUndefined();
});

test("a unit that failed is dead, and says how it ended", async () => {
  const exited = await judged({
    ...failed,
    Result: "exit-code",
    ExecMainCode: 1,
    ExecMainStatus: 3,
    NRestarts: 5,
  });
  expect(exited).toMatchObject({
    status: "critical",
    state: "crashed",
    message: "dead: web.service is failed: exited with code 3",
    findings: [{ symptom: "process.dead", fact: true, evidence: { exitCode: 3, signal: null, restarts: 5 } }],
  });
  const killed = await judged({ ...failed, Result: "signal", ExecMainCode: 2, ExecMainStatus: 9 });
  expect(killed.message).toBe("dead: web.service is failed: killed by SIGKILL");
  expect(killed.findings[0]?.evidence).toMatchObject({ signal: "SIGKILL", exitCode: null });
  const memory = await judged({ ...failed, Result: "oom-kill", ExecMainCode: 2, ExecMainStatus: 9 });
  expect(memory.message).toBe("dead: web.service is failed: killed by SIGKILL (oom-kill)");
  // What failed is no success, whatever may end.
  const mayEnd = { restart: "on-failure" };
  expect(
    await judged({ ...failed, Result: "exit-code", ExecMainCode: 1, ExecMainStatus: 3 }, mayEnd),
  ).toMatchObject({
    status: "critical",
  });
});

test("a unit that was stopped, or ended well, is dead unless only failures are to be cured", async () => {
  const inactive = { ActiveState: "inactive", SubState: "dead" };
  const always = await judged(inactive);
  expect(always).toMatchObject({ status: "critical", findings: [{ symptom: "process.dead" }] });
  expect(always.message).toBe(
    "dead: web.service is inactive; if it was stopped through systemd, `healq stop it` keeps it down",
  );
  expect(await judged(inactive, { restart: "on-failure" })).toMatchObject({
    status: "ok",
    state: "exited",
    message: "finished, or was stopped: web.service is inactive",
  });
});

test("a unit in its start is starting, until that has taken too long; one that is being stopped is unknown", async () => {
  const now = Number(process.hrtime.bigint() / 1_000n);
  const changed = { ActiveState: "activating", SubState: "auto-restart", NRestarts: 4 };
  const fresh = { ...changed, StateChangeTimestampMonotonic: now };
  expect(await judged(fresh, { startGrace: "1m" })).toMatchObject({
    status: "unknown",
    state: "starting",
    message: "web.service is activating (auto-restart), 4 times restarted by systemd",
  });
  const old = await judged(
    { ...changed, StateChangeTimestampMonotonic: now - 5_000_000 },
    { startGrace: "2s" },
  );
  expect(old).toMatchObject({ status: "critical", findings: [{ symptom: "process.dead" }] });
  expect(old.message).toMatch(/^not running: web.service is activating .* for \d+(\.\d)? s$/);
  expect(await judged({ ActiveState: "deactivating", SubState: "stop-sigterm" })).toMatchObject({
    status: "unknown",
  });
});

test("a job that works in its start (oneshot) runs", async () => {
  const { pid } = run(["sleep", "300"]);
  expect(
    await judged({ Type: "oneshot", ActiveState: "activating", SubState: "start", MainPID: pid }),
  ).toMatchObject({
    status: "ok",
    pid,
  });
});

test("a unit that systemd does not have is dead; an alias is found by its name", async () => {
  const managers = standIns();
  managers.put("sshd.service", systemdBlock("ssh.service", { Names: "ssh.service sshd.service" }));
  const eye = makeEye();
  expect(await eye(unit("sshd"))).toMatchObject({ status: "ok" });
  expect(await eye(unit("gone"))).toMatchObject({
    status: "critical",
    message: "dead: systemd has no unit gone.service",
  });
});

test("all units of a tick are one call, also when nobody answers for one of them", async () => {
  const managers = standIns();
  for (const name of ["a.service", "b.service"]) managers.put(name, systemdBlock(name));
  const looker = createLooker({ kindOf, processes: noProcesses, clock: systemClock });
  const seen: Observation[] = [];
  const targets = [unit("a", {}, "a"), unit("b", {}, "b"), unit("c", {}, "c")];
  // The first look of all is slow, and may be made in two turns.
  await looker.look(targets, () => undefined);
  const before = managers.calls().length;
  await looker.look(targets, (observation) => seen.push(observation));
  looker.close();
  expect(Object.fromEntries(seen.map(({ target, status }) => [target, status]))).toEqual({
    a: "ok",
    b: "ok",
    c: "critical",
  });
  expect(managers.calls()).toHaveLength(before + 1);
  expect(managers.calls().at(-1)).toMatch(
    /^systemctl --no-ask-password show --no-pager --property=Id,\S+ -- a\.service b\.service c\.service$/,
  );
});

test("it is restarted, started and stopped by systemctl, and asked of the user's own manager when that is meant", async () => {
  const managers = standIns();
  const target = targetOf("process", {
    systemd: { unit: "web", user: true },
    startGrace: "0s",
    stableFor: "0s",
  });
  managers.put("web.service", systemdBlock("web.service", { ...failed, Result: "timeout" }));
  managers.after("web.service", "restart", systemdBlock("web.service"));
  const [eye, rig] = [makeEye(), remedyRig()];
  expect(await eye(target)).toMatchObject({ message: "dead: web.service is failed: timeout (timeout)" });
  const { said } = await rig.apply("restart", target);
  expect(said).toEqual(["restart it by systemctl --user restart -- web.service, at most 3m 20s"]);
  expect(await eye(target)).toMatchObject({ status: "ok" });
  await rig.apply("start", target);
  expect(managers.calls().filter((call) => !call.includes(" show "))).toEqual([
    "systemctl --user restart -- web.service",
    "systemctl --user start -- web.service",
  ]);
});

test("a cure that systemd refuses fails with what systemd says", async () => {
  standIns();
  await expect(remedyRig().apply("restart", unit("gone"))).rejects.toThrow(
    "systemctl exited with code 5: Failed to restart gone.service: Unit gone.service not found.",
  );
});

test("without systemd, or without its answer, a look is unknown and names it", async () => {
  const managers = standIns();
  managers.refuse("Failed to connect to bus: Host is down");
  expect(await makeEye()(unit("web"))).toMatchObject({
    status: "unknown",
    message: "systemctl: Failed to connect to bus: Host is down",
  });
  noManagers();
  const seen = await makeEye()(unit("web"));
  expect(seen).toMatchObject({ status: "unknown", findings: [] });
  expect(seen.message).toBe("command not found: systemctl; systemctl must be on healq's PATH");
});

test("a look at a systemd that hangs is over in its own time", async () => {
  const managers = standIns();
  writeFileSync(join(managers.folder, "hang"), "");
  const target = targetOf("process", { systemd: "web" }, { timeout: 300 });
  const began = performance.now();
  expect(await makeEye()(target)).toMatchObject({ status: "unknown" });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test.each(["--force", "-H evil", "*.service", "a b", "", "x".repeat(300), "we?b", "a\nb", "../x"])(
  "a name that systemctl would read otherwise is refused: %j",
  (name) => {
    const schema = kindOf("process")?.schema;
    expect(schema?.safeParse({ systemd: name }).success).toBe(false);
    expect(schema?.safeParse({ systemd: { unit: name, user: true } }).success).toBe(false);
  },
);
