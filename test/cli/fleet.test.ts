import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { healqProgram, startNode, type TestNode } from "../support/node.ts";
import { startRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";
import { folderWith, healq, startHealq } from "./healq.ts";

const worker = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
const stubborn = {
  kind: "process",
  run: ["sh", "-c", "trap '' TERM; sleep 1000 & wait; wait"],
  stop: { timeout: "5s" },
  stableFor: "200ms",
};

/** A node whose targets are all well. */
async function wellNode(targets: Readonly<Record<string, object>>): Promise<TestNode> {
  const node = await startNode({ defaults: { every: "1s", probation: "1s" }, targets });
  await until(async () => (await node.healq("status")).code === 0, { within: 15_000, what: "all is well" });
  return node;
}

it("shows status, heals, obeys wishes and pauses, and keeps the record", async () => {
  const node = await wellNode({
    worker,
    weights: { kind: "file", path: "w.json", create: { content: "{}" } },
  });

  const status = await node.healq("status", "worker");
  expect(status.stderr).toBe("");
  expect(status.stdout).toMatch(
    /^TARGET +STATUS +PHASE +STATE +PID +SINCE +MESSAGE\nworker +ok +watching +running +\d+/,
  );

  const well = await node.healq("heal", "worker", "--json");
  expect(well.code).toBe(0);
  expect(JSON.parse(well.stdout)).toMatchObject({
    target: "worker",
    outcome: "already-healthy",
    applications: 0,
  });

  const plan = await node.healq("heal", "worker", "--dry-run", "--force");
  expect([plan.code, plan.stdout]).toEqual([
    0,
    expect.stringMatching(/^worker: dry run, nothing was done .*\n {2}1\. /),
  ]);

  const several = await node.healq("heal", "--all", "--json");
  expect(JSON.parse(several.stdout).map((view: { outcome: string }) => view.outcome)).toEqual([
    "already-healthy",
    "already-healthy",
  ]);

  const unwaited = await node.healq("heal", "worker", "--no-wait");
  expect([unwaited.code, unwaited.stdout]).toEqual([0, expect.stringMatching(/^heal\.worker\.\S+\n$/)]);

  expect(await node.healq("heal", "workr")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining('did you mean "worker"?'),
  });

  expect(await node.healq("pause", "weights", "--reason", "upgrade")).toMatchObject({ code: 0, stderr: "" });
  const skipped = await node.healq("heal", "weights", "--force", "--json");
  expect([skipped.code, JSON.parse(skipped.stdout).outcome]).toEqual([1, "skipped"]);
  expect((await node.healq("resume", "weights")).code).toBe(0);

  expect((await node.healq("stop", "worker")).code).toBe(0);
  await until(async () => (await node.status("worker")).state === "stopped", {
    what: "it is shown as stopped",
  });
  expect((await node.healq("start", "worker")).code).toBe(0);
  const pid = await until(() => node.pid("worker"));
  expect((await node.healq("restart", "worker")).code).toBe(0);
  await until(() => node.pid("worker") !== pid && node.pid("worker"), { what: "another pid" });

  const events = (await node.audit()).map((entry) => entry.event);
  for (const event of ["paused", "resumed", "target.stopped", "target.started"])
    expect(events).toContain(event);
  const text = await node.healq("audit", "worker", "--limit", "2");
  expect(
    text.stdout
      .trimEnd()
      .split("\n")
      .filter((line) => /^\d\d:/.test(line)),
  ).toHaveLength(2);
  expect((await node.healq("nodes", "--json")).stdout).toContain('"alive":true');
  expect((await node.healq("incidents", "--json")).code).toBe(0);
  expect(await node.healq("incident", "none")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no incident "none"'),
  });
});

it("watches without a terminal as lines of what changes, and follows the record", async () => {
  const node = await wellNode({ worker });
  const place = { cwd: node.folder };
  const watch = startHealq(["status", "--watch", "--json"], place);
  const follow = startHealq(["audit", "--follow", "--json", "--limit", "1"], place);
  const seen = { watch: "", follow: "" };
  watch.stdout.on("data", (text: string) => {
    seen.watch += text;
  });
  follow.stdout.on("data", (text: string) => {
    seen.follow += text;
  });
  await until(() => seen.watch !== "" && seen.follow !== "", { within: 10_000, what: "both have begun" });
  process.kill((await until(() => node.pid("worker"))) ?? 0, "SIGKILL");
  await until(() => seen.follow.includes("heal.succeeded"), { within: 10_000, what: "the heal is told" });
  await until(() => seen.watch.trimEnd().split("\n").length > 1, {
    within: 10_000,
    what: "the change is told",
  });
  watch.kill("SIGINT");
  follow.kill("SIGINT");
  for (const { code, out } of [await watch.ended, await follow.ended]) {
    expect(code).toBe(0);
    for (const line of out.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("at");
  }
});

it("has colour on a terminal, none with NO_COLOR, and the same words", async () => {
  const node = await wellNode({ worker });
  const onTerminal = (env: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const command = `stty cols 80; ${process.execPath} ${healqProgram} status -c ${node.configFile}`;
      const { NO_COLOR: _, ...inherited } = process.env;
      const child = spawn("script", ["-qec", command, "/dev/null"], {
        env: { ...inherited, TERM: "xterm", ...env },
        stdio: ["ignore", "pipe", "ignore"],
      });
      const pieces: string[] = [];
      child.stdout.on("data", (bytes) => pieces.push(String(bytes)));
      child.once("error", reject);
      child.once("close", () => resolve(pieces.join("")));
    });
  const coloured = await onTerminal({});
  expect(coloured).toContain("\u001b[32mok\u001b[39m");
  expect(stripVTControlCharacters(coloured)).toMatch(/worker +ok +watching +running/);
  expect(await onTerminal({ NO_COLOR: "1" })).not.toContain("\u001b[3");
});

it("says on Ctrl-C that the heal goes on, and how to see its end", async () => {
  const node = await wellNode({ stubborn });
  const pid = node.pid("stubborn");
  const child = startHealq(["heal", "stubborn", "--force"], { cwd: node.folder });
  const started = () =>
    node.audit("stubborn").then((all) => all.some(({ event }) => event === "heal.started"));
  await until(started, { within: 10_000, what: "the heal has begun" });
  child.kill("SIGINT");
  const { code, err } = await child.ended;
  expect(code).toBe(130);
  expect(err).toContain("the heal goes on. See how it ends: healq audit stubborn");
  await until(() => node.pid("stubborn") !== pid && node.pid("stubborn"), {
    within: 15_000,
    what: "it was restarted all the same",
  });
});

it("refuses at once what no running node would do, with 3", async () => {
  const redis = await startRedis();
  try {
    const cwd = folderWith(
      `node: n1\nredis: ${redis.url}\ntargets:\n  weights: { kind: file, path: w.json }\n  w: { kind: process, run: [sleep, "9"] }\n`,
    );
    const heal = await healq(["heal", "weights"], { cwd });
    expect([heal.code, heal.out]).toEqual([3, expect.stringContaining("healq is not running on n1")]);
    const wish = await healq(["stop", "w"], { cwd });
    expect([wish.code, wish.out]).toEqual([3, ""]);
    const wrong = await healq(["stop", "weights"], { cwd });
    expect([wrong.code, wrong.out, wrong.err]).toEqual([2, "", expect.stringContaining("weights is a file")]);
    const status = await healq(["status"], { cwd });
    expect(status.code).toBe(1);
    expect(status.out).toContain("not looked at yet");
  } finally {
    await redis.stop();
  }
});
