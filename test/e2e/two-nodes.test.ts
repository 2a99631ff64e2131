import { expect, onTestFinished, test } from "vitest";
import { openQueues } from "../../src/queues/queues.ts";
import { startHealq } from "../cli/healq.ts";
import { makeNode, type TestNode } from "../support/node.ts";
import { startRedis } from "../support/redis.ts";
import { story, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

/** Says who it is, and a secret, and then goes on saying something. */
const worker = (name: string) => ({
  kind: "process",
  run: ["sh", "-c", `echo I am ${name}, password=hunter22; while sleep 0.2; do echo still ${name}; done`],
  stableFor: "200ms",
});

/** Two healqs on one Redis, each with a worker of its own, and one address that any of them may look at. */
async function startTwo(url: string) {
  const server = await startRedis();
  // Registered first, so it is done last: the nodes need their Redis to stop.
  onTestFinished(() => server.stop());
  const nodeNamed = (name: string) =>
    makeNode({
      node: name,
      redis: server.url,
      defaults: { every: "1s", probation: "1s" },
      targets: {
        "worker-a": { ...worker("a"), on: "a" },
        "worker-b": { ...worker("b"), on: "b" },
        site: { kind: "http", url, on: "any", heal: [] },
      },
    });
  const [a, b] = [nodeNamed("a"), nodeNamed("b")];
  await Promise.all([a.up(), b.up()]);
  await Promise.all([untilShown(a, ["worker-a"]), untilShown(b, ["worker-b"])]);
  return { a, b, server };
}

/** Reads on from another node, as lines of JSON, until two more lines came; then Ctrl-C. */
async function followsFrom(node: TestNode, target: string, line: string): Promise<void> {
  const args = ["logs", target, "--follow", "--lines", "1", "--json", "--config", node.configFile];
  const child = startHealq(args, { cwd: node.folder });
  let seen = "";
  child.stdout.on("data", (text: string) => (seen += text));
  await until(() => seen.split("\n").length > 3, { within: 15_000, what: "three lines" });
  child.kill("SIGINT");
  const { code, out } = await child.ended;
  expect(code).toBe(0);
  for (const each of out.trimEnd().split("\n")) expect(JSON.parse(each)).toEqual({ target, line });
}

test("two nodes look at an `any` target once per tick, and the second goes on when the first is killed", async () => {
  const asked: number[] = [];
  const { url } = await serve((_, response) => {
    asked.push(Date.now());
    response.end();
  });
  const { a, b, server } = await startTwo(url);
  const connection = server.connect();
  const queues = openQueues({ connection, eventsConnection: server.connect });
  onTestFinished(() => queues.close());
  const ticks = async () =>
    (await queues.check("any").getJobs(["completed"])).flatMap(({ data }) =>
      data.tick === undefined ? [] : [Number(data.tick)],
    );
  await until(async () => (await ticks()).length >= 5, { within: 20_000, what: "five looks" });
  const [seen, questions] = [await ticks(), asked.length];
  expect(new Set(seen).size).toBe(seen.length);
  // One more may have been asked between the two.
  expect(questions - seen.length).toBeLessThanOrEqual(1);

  await a.crash();
  const crashed = Date.now();
  await until(() => asked.filter((at) => at > crashed + 1_000).length >= 3, {
    within: 10_000,
    what: "the second node looks alone",
  });
  await until(() => /node\.lost .*a has not been seen since/.test(story(b)), {
    within: 15_000,
    what: "a is missed",
  });
  const views = JSON.parse((await b.healq("status", "--json")).stdout).targets;
  expect(views).toContainEqual(
    expect.objectContaining({
      id: "worker-a",
      status: "unknown",
      message: expect.stringMatching(/a is gone/),
    }),
  );
  // Only what b looks at is known to be well.
  expect(views).toContainEqual(expect.objectContaining({ id: "site", status: "ok" }));
  expect(process.kill(a.pid("worker-a") ?? 0, 0)).toBe(true);
  // What only a could do is refused at once, with the place and what to do.
  for (const args of [["heal"], ["stop"], ["restart"], ["logs"]]) {
    const { code, stdout, stderr } = await b.healq(...args, "worker-a");
    expect([args, code]).toEqual([args, 3]);
    expect(stdout + stderr).toContain(
      "healq is not running on a, which looks after worker-a; start it there",
    );
  }
});

test("from either node all targets are seen, and a wish, a heal, a pause and logs reach the node of the target", async () => {
  const { url } = await serve((_, response) => response.end());
  const { a, b } = await startTwo(url);
  const list = async (node: TestNode) => {
    const { targets } = JSON.parse((await node.healq("status", "--json")).stdout);
    return targets.map((target: { id: string; node: string; status: string }) => [
      target.id,
      target.node,
      target.status,
    ]);
  };
  const all = [
    ["site", "any", "ok"],
    ["worker-a", "a", "ok"],
    ["worker-b", "b", "ok"],
  ];
  await until(async () => (await list(a)).every((row: string[]) => row[2] === "ok"), { within: 15_000 });
  expect((await list(a)).sort()).toEqual(all);
  expect((await list(b)).sort()).toEqual(all);
  expect((await a.healq("nodes")).stdout).toMatch(/^a .*\n(.*\n)*b /m);

  expect(await a.healq("logs", "worker-b", "--lines", "10000")).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^I am b, password=\[redacted\]\n(still b\n)+$/),
    stderr: "",
  });
  await followsFrom(b, "worker-a", "still a");

  expect(await a.healq("stop", "worker-b")).toMatchObject({ code: 0 });
  expect(told(b, "worker-b", "target.stopped")).toHaveLength(1);
  expect(b.pid("worker-b")).toBeUndefined();
  expect(await a.healq("start", "worker-b")).toMatchObject({ code: 0 });
  await untilShown(b, ["worker-b"]);

  const before = a.pid("worker-a");
  const healed = await b.healq("heal", "worker-a", "--force", "--json");
  expect(healed).toMatchObject({ code: 0, stdout: expect.stringContaining('"healed"') });
  expect(a.pid("worker-a")).not.toBe(before);

  expect(await b.healq("pause", "worker-a", "--reason", "mending")).toMatchObject({ code: 0 });
  process.kill(a.pid("worker-a") ?? 0, "SIGKILL");
  await untilShown(a, ["worker-a"], { status: "critical", phase: "silenced" });
  expect(await a.healq("resume", "worker-a")).toMatchObject({ code: 0 });
  await untilTold(a, "worker-a", "incident.resolved");
  // Each did what was its own, and both tell of both.
  const records = await Promise.all([a, b].map((node) => node.audit("worker-a", "worker-b")));
  expect(records[0]).toEqual(records[1]);
  const acts = /^(target|heal|check|incident)\./;
  expect(
    new Set(
      records[0]?.flatMap(({ event, target, node }) => (acts.test(event) ? [`${target} ${node}`] : [])),
    ),
  ).toEqual(new Set(["worker-a a", "worker-b b"]));
});
