import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import type { Observation } from "../../src/model/observation.ts";
import { run } from "../support/child.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { dockerLine, noManagers, standIns } from "../support/managers.ts";
import { remedyRig } from "../support/remedy-rig.ts";

const container = (name: string, more: object = {}) =>
  targetOf("process", { docker: name, startGrace: "0s", stableFor: "0s", ...more });

/** What is said of a container that Docker describes so. */
async function judged(state: object, more: object = {}, policy = "no"): Promise<Observation> {
  standIns().put("web", dockerLine("web", state, { policy }));
  return makeEye()(container("web", more));
}

const exited = (ExitCode: number, more: object = {}) => ({
  Status: "exited",
  Running: false,
  ExitCode,
  ...more,
});

test("a container that runs is ok, with the pid and the memory of its process when that is seen from here", async () => {
  const { pid } = run(["sleep", "300"]);
  const seen = await judged({ Pid: pid });
  expect(seen).toMatchObject({ status: "ok", state: "running", pid, message: "running" });
  expect(seen.metrics.rss).toBeGreaterThan(100_000);
  // One of another machine, or one whose pid was used again: it runs, but what is measured here is not it.
  const elsewhere = await judged({ Pid: pid, StartedAt: new Date(Date.now() - 60_000).toISOString() });
  expect(elsewhere).toMatchObject({ status: "ok" });
  expect(elsewhere.pid).toBeUndefined();
  expect(Object.keys(elsewhere.metrics)).toEqual(["uptime"]);
});

test("a container that ended is dead, and says how", async () => {
  expect(await judged(exited(137, { OOMKilled: true }))).toMatchObject({
    status: "critical",
    state: "crashed",
    message: "dead: web exited with code 137 (SIGKILL), killed for want of memory",
    findings: [
      {
        symptom: "process.dead",
        fact: true,
        evidence: { exitCode: 137, signal: "SIGKILL", outOfMemory: true },
      },
    ],
  });
  expect(await judged(exited(127, { Error: 'exec: "nope": not found' }))).toMatchObject({
    state: "failed",
    message: 'dead: web exited with code 127: exec: "nope": not found',
  });
  expect((await judged({ Status: "created", Running: false })).message).toBe(
    "dead: web was created, but never started",
  );
});

test("what ended well, or was stopped through Docker, is dead unless only failures are to be cured", async () => {
  const mayEnd = { restart: "on-failure" };
  expect(await judged(exited(0))).toMatchObject({ status: "critical" });
  expect(await judged(exited(0), mayEnd)).toMatchObject({ status: "ok", state: "exited" });
  expect(await judged(exited(2), mayEnd)).toMatchObject({ status: "critical" });
  expect(await judged(exited(2), { ...mayEnd, exitCodes: [0, 2] })).toMatchObject({ status: "ok" });
  // Docker would have started it again, so somebody has stopped it.
  expect(await judged(exited(143), mayEnd, "unless-stopped")).toMatchObject({
    status: "ok",
    message: "stopped through docker: web exited with code 143 (SIGTERM)",
  });
  expect((await judged(exited(143), {}, "always")).message).toBe(
    "dead: web exited with code 143 (SIGTERM); if it was stopped through docker, `healq stop it` keeps it down",
  );
});

test("Docker's own health check counts: healthy proves, starting waits, unhealthy is a fault", async () => {
  const health = (Status: string, more: object = {}) => ({
    Health: { Status, FailingStreak: 0, Log: [], ...more },
  });
  expect(await judged(health("healthy"))).toMatchObject({
    status: "ok",
    verified: true,
    message: "running, healthy",
  });
  expect(await judged(health("starting"), { startGrace: "1m" })).toMatchObject({
    status: "unknown",
    state: "starting",
  });
  const log = [{ ExitCode: 1, Output: "curl: (7) \u001b[31mrefused\n" }];
  expect(await judged(health("unhealthy", { FailingStreak: 3, Log: log }))).toMatchObject({
    status: "critical",
    state: "unhealthy",
    message: "alive, but its health check fails: curl: (7) refused",
    findings: [{ symptom: "process.unhealthy", fact: false, evidence: { failingStreak: 3, exitCode: 1 } }],
  });
});

test("a paused container hangs, as a fact; one that Docker restarts is starting", async () => {
  expect(await judged({ Status: "paused", Paused: true })).toMatchObject({
    status: "critical",
    findings: [{ symptom: "process.hung", fact: true }],
  });
  const restarting = {
    Status: "restarting",
    Restarting: true,
    ExitCode: 1,
    FinishedAt: new Date().toISOString(),
  };
  expect(await judged(restarting, { startGrace: "1m" })).toMatchObject({
    status: "unknown",
    state: "starting",
    message: "docker restarts web, which exited with code 1 (0 times so far)",
  });
});

test("it is restarted by docker, and only one that Docker does not have stays dead", async () => {
  const managers = standIns();
  managers.put("web", dockerLine("web", exited(1)));
  managers.after("web", "restart", dockerLine("web", {}));
  const [eye, rig] = [makeEye(), remedyRig()];
  expect((await rig.apply("restart", container("web"))).said).toEqual([
    "restart it by docker restart -- web, at most 3m 20s",
  ]);
  expect(await eye(container("web"))).toMatchObject({ status: "ok" });
  expect(await eye(container("gone"))).toMatchObject({
    status: "critical",
    message: "dead: docker has no container gone",
  });
  await expect(rig.apply("restart", container("gone"))).rejects.toThrow("No such container: gone");
  // The environment of a container, with its secrets, is not asked for.
  expect(managers.calls()[1]).toMatch(
    /^docker inspect --type container --format \{"name"\S+ \.Name\}\}.* -- web$/,
  );
});

test("a Docker that cannot be asked is unknown, named, and no death", async () => {
  const complaint =
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
  standIns().refuse(complaint);
  expect(await makeEye()(container("web"))).toMatchObject({
    status: "unknown",
    message: `docker: ${complaint}`,
  });
  noManagers();
  expect((await makeEye()(container("web"))).message).toBe(
    "command not found: docker; docker must be on healq's PATH",
  );
});

test("rubbish instead of an answer is unknown", async () => {
  for (const rubbish of ["{", "[]", '{"name":"/web","id":"x","state":{"Status":5}}', "web\n"]) {
    standIns().put("web", `${rubbish}\n`);
    expect(await makeEye()(container("web"))).toMatchObject({ status: "unknown", findings: [] });
  }
});

test("names that docker or pm2 would read otherwise are refused", () => {
  const takes = (written: object) => kindOf("process")?.schema.safeParse(written).success;
  expect(["web", "my_app.1", "3f4a"].every((docker) => takes({ docker }))).toBe(true);
  expect(["-f", "--all", "a b", "", "a/b", "a$b"].some((docker) => takes({ docker }))).toBe(false);
  expect(["web", "api:1", "@me"].map((pm2) => takes({ pm2 }))).toEqual([true, true, false]);
  expect(
    ["all", "ALL", "default", "0", "12", "x.json", "eco.config.js", "-a", "a b", ""].some((pm2) =>
      takes({ pm2 }),
    ),
  ).toBe(false);
});
