import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBeside } from "../support/beside.ts";
import { makeNode, startNode } from "../support/node.ts";
import { linesOf } from "../support/record.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { ask } from "../web/ask.ts";

const sleeper = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };

test("one more process that only looks shares the looks, and nothing is decided or done twice", async () => {
  const names = ["one", "two", "three"];
  // Who looks: the parent of the program that is run for a look.
  const lookers = (name: string) => ({
    kind: "command",
    run: [
      "sh",
      "-c",
      `awk '/^PPid/ { print $2 }' /proc/$$$$/status >> ${name}.lookers; test ! -e ${name}.bad`,
    ],
  });
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: Object.fromEntries([
      ...names.map((name) => [name, sleeper]),
      ...names.map((name) => [`look-${name}`, lookers(name)]),
    ]),
  });
  await untilShown(node, names);
  const beside = await startBeside(node, "check");
  const seenBy = () => new Set(names.flatMap((name) => linesOf(node.path(`${name}.lookers`))));
  await until(() => seenBy().has(String(beside.pid)) && seenBy().has(String(node.process().pid)), {
    within: 30_000,
    what: "both look",
  });

  for (const name of names) process.kill(node.pid(name) ?? 0, "SIGKILL");
  for (const name of names) await untilTold(node, name, "incident.resolved");
  for (const name of names) {
    const events = record(node, name).map(({ event }) => event);
    const once = ["target.exited", "incident.opened", "heal.started", "heal.succeeded", "incident.resolved"];
    expect(events.filter((event) => once.includes(event)).sort()).toEqual([...once].sort());
    // Each change goes on where the one before ended: none is told by both.
    const changes = told(node, name, "check.changed").map(({ details }) => details);
    expect(changes.filter(({ to }) => to === "critical")).toHaveLength(1);
    expect(changes.slice(1).map(({ from }) => from)).toEqual(changes.slice(0, -1).map(({ to }) => to));
  }
  expect(new Set(record(node).map(({ id }) => id)).size).toBe(record(node).length);
});

test("what only a process beside the supervisor sees is known to it: status.json, exits, and the blast radius", async () => {
  const names = ["one", "two", "three", "four", "five"];
  const inferred = (name: string) => ({
    kind: "command",
    run: ["sh", "-c", `test ! -e ${name}.bad || exit 2`],
    heal: [{ exec: ["sh", "-c", `echo ${name} >> cured; rm ${name}.bad`] }],
  });
  const node = makeNode({
    defaults: { every: "1s", probation: "1s" },
    limits: { maxUnhealthy: "50%" },
    targets: { ...Object.fromEntries(names.map((name) => [name, inferred(name)])), worker: sleeper },
  });
  // This supervisor has no eyes of its own.
  await node.up("--only", "scheduler,heal,alert");
  await startBeside(node, "check");
  await untilShown(node, [...names, "worker"]);
  process.kill(node.pid("worker") ?? 0, "SIGKILL");
  await untilTold(node, "worker", "incident.resolved");

  // Four of six, and nothing is decided before all four were seen: a tick that began earlier sees fewer.
  const bad = names.slice(0, 4);
  expect(await node.healq("pause")).toMatchObject({ code: 0 });
  for (const name of bad) writeFileSync(node.path(`${name}.bad`), "");
  await untilShown(node, bad, { status: "critical" });
  expect(await node.healq("resume")).toMatchObject({ code: 0 });
  await untilShown(node, bad, { status: "critical", phase: "suspect" });
  expect((await node.status("one")).message).toContain("4 of 6 targets are bad, more than 50%");
  expect(linesOf(node.path("cured"))).toEqual([]);
  for (const name of bad.slice(1)) rmSync(node.path(`${name}.bad`));
  await untilTold(node, "one", "heal.succeeded");
  expect(linesOf(node.path("cured"))).toEqual(["one"]);
});

test("the web part may run alone beside the supervisor, and says that the scheduler is elsewhere", async () => {
  const node = await startNode({
    web: { port: 0 },
    defaults: { every: "1s" },
    targets: { worker: sleeper },
  });
  await untilShown(node, ["worker"]);
  const web = await startBeside(node, "web");
  const link = await until(() => /status page: (\S+)/.exec(web.said())?.[1], { what: "the link is printed" });
  const { origin } = new URL(link);
  expect(await ask(`${origin}/healthz`)).toMatchObject({
    status: 200,
    json: { status: "ok", scheduler: "elsewhere" },
  });
  const headers = {
    authorization: `Bearer ${readFileSync(join(node.stateDir, "token"), "utf8").trim()}`,
  };
  const { json } = await ask(`${origin}/api/status`, { headers });
  expect(json).toMatchObject({ node: "test", targets: [{ id: "worker", status: "ok" }] });
  const heal = await ask(`${origin}/api/heal/worker`, {
    method: "POST",
    headers,
    body: { wait: true, force: true },
  });
  expect(heal).toMatchObject({ status: 200, json: { outcome: "healed", remedy: "restart" } });
});
