import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { privatePm2, type TestPm2 } from "../support/pm2.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

/** An app that pm2 runs, and a target that is it. */
function app(pm2: TestPm2, name: string, words: readonly string[] = []) {
  const base = scratch();
  writeFileSync(join(base, "app.cjs"), "setInterval(() => {}, 1000);\n");
  pm2.run("start", join(base, "app.cjs"), "--name", name, ...words);
  return targetFor(pm2, name);
}

const targetFor = ({ home }: TestPm2, name: string, more: object = {}) =>
  targetOf(
    "process",
    { pm2: { name, home }, startGrace: "0s", stableFor: "100ms", ...more },
    { id: "worker" },
  );

test("an app that pm2 runs is ok, with the pid and the memory of its process", async () => {
  const pm2 = privatePm2();
  const target = app(pm2, "web");
  const eye = makeEye();
  const seen = await until(async () => {
    const look = await eye(target);
    return look.status === "ok" && look.verified ? look : undefined;
  });
  expect(seen).toMatchObject({ state: "running", pid: pm2.pid("web"), message: "running" });
  expect(seen.metrics.rss).toBeGreaterThan(10_000_000);
});

test("an app that was killed and is not restarted by pm2 is dead, and is cured by pm2 restart", async () => {
  const pm2 = privatePm2();
  const target = app(pm2, "web", ["--no-autorestart"]);
  const [eye, rig] = [makeEye(), remedyRig()];
  const before = pm2.pid("web");
  process.kill(before, "SIGKILL");
  const look = await until(async () => {
    const seen = await eye(target);
    return seen.status === "critical" ? seen : undefined;
  });
  expect(look).toMatchObject({
    state: "crashed",
    message: "dead: web is stopped: exit unknown",
    findings: [{ symptom: "process.dead", fact: true, evidence: { app: "web", appStatus: "stopped" } }],
  });
  // An exit that cannot be read is a failure also for what may end.
  expect(await eye(targetFor(pm2, "web", { restart: "on-failure" }))).toMatchObject({ status: "critical" });
  const { said } = await rig.apply("restart", target);
  expect(said).toEqual(["restart worker by pm2 restart web, at most 3m 20s"]);
  const after = await until(async () => {
    const seen = await eye(target);
    return seen.status === "ok" && seen.pid;
  });
  expect(after).not.toBe(before);
});

test("a start leaves alone what runs, and a stop through pm2 is told from a death where pm2 would have restarted it", async () => {
  const pm2 = privatePm2();
  const target = app(pm2, "web");
  const [eye, rig] = [makeEye(), remedyRig()];
  const before = pm2.pid("web");
  await rig.apply("start", target);
  expect(pm2.pid("web")).toBe(before);

  pm2.run("stop", "web");
  const dead = await eye(target);
  expect(dead).toMatchObject({ status: "critical", findings: [{ symptom: "process.dead" }] });
  expect(dead.message).toContain("if it was stopped through pm2, `healq stop worker` keeps it down");
  expect(await eye(targetFor(pm2, "web", { restart: "on-failure" }))).toMatchObject({
    status: "ok",
    state: "exited",
    message: "stopped through pm2: web is stopped: exit unknown",
  });
  await rig.apply("start", target);
  expect(pm2.pid("web")).toBeGreaterThan(0);
});

test("an app that pm2 gave up tells its exit code; one that pm2 does not have is dead, and no other is touched for it", async () => {
  const pm2 = privatePm2();
  const eye = makeEye();
  const base = scratch();
  writeFileSync(join(base, "bad.cjs"), "process.exit(7);\n");
  pm2.run("start", join(base, "bad.cjs"), "--name", "bad", "--max-restarts", "1", "--namespace", "shop");
  const look = await until(
    async () => {
      const seen = await eye(targetFor(pm2, "bad"));
      return seen.status === "critical" ? seen : undefined;
    },
    { within: 10_000 },
  );
  expect(look.message).toMatch(/^dead: bad is errored: exited with code 7, pm2 gave up after \d+ restarts$/);

  // pm2 would take the name of a namespace for all its apps.
  const gone = targetFor(pm2, "shop");
  expect(await eye(gone)).toMatchObject({ status: "critical", message: "dead: pm2 has no app shop" });
  await expect(remedyRig().apply("restart", gone)).rejects.toThrow("pm2 has no app shop");
});

test("where no pm2 runs a look is unknown, and starts none", async () => {
  const pm2 = privatePm2();
  const seen = await makeEye()(targetFor(pm2, "web"));
  expect(seen).toMatchObject({ status: "unknown", findings: [] });
  expect(seen.message).toContain(`no pm2 runs at ${pm2.home} (ENOENT)`);
  await expect(remedyRig().apply("restart", targetFor(pm2, "web"))).rejects.toThrow("no pm2 runs");
  expect(readdirSync(pm2.home)).toEqual([]);
});

test("pm2 kill ends what it ran, so that nothing stays behind", async () => {
  const pm2 = privatePm2();
  app(pm2, "web");
  const identity = identityOf(pm2.pid("web"));
  pm2.run("kill");
  await until(() => identity !== undefined && isAlive(identity) !== "alive");
  expect((await makeEye()(targetFor(pm2, "web"))).message).toContain("no pm2 runs");
});
