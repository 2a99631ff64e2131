import { existsSync, statSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { privateSocket } from "../../src/redis/private.ts";
import { ask } from "../support/anyone.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { auditOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";

/** In a config `$$` is a dollar. Writes `out` until the file `sick` names its pid; each start leaves a line in `starts`. */
const program = `echo $$$$ >> starts; while :; do [ "$(cat sick 2>/dev/null)" = $$$$ ] || date > out; sleep 0.2; done`;
const worker = {
  kind: "process",
  run: ["sh", "-c", program],
  output: { path: "out", maxAge: "2s" },
  startGrace: "1s",
  stop: { timeout: "1s" },
};
/** Cannot be cured by what is declared for it; well once `mended` is there. */
const broken = {
  kind: "command",
  run: ["sh", "-c", "test -e mended || exit 2"],
  heal: [{ exec: ["sh", "-c", "echo applied >> applied"] }],
  attempts: 1,
  verify: { within: "100ms" },
  backoff: { delay: "1h", max: "1h" },
};
const ownQueue = { queue: "heal.test", prefix: "{healq:test}" };

let node: TestNode;
const socket = () => privateSocket(node.stateDir);
const starts = () => linesOf(node.path("starts"));
const started = () => auditOf(node, "worker").filter(({ event }) => event === "heal.started");

beforeEach(async () => {
  // No tick comes in between: it would heal a sick worker before it is asked for.
  node = await startNode({ defaults: { every: "1h", probation: "1s" }, targets: { worker, broken } });
  await until(() => shownOf(node, "worker")?.status === "ok", { within: 15_000, what: "the worker is well" });
});

test("whatever is not a valid request fails with a clear reason, and nothing is run for it", async () => {
  const heal = (data: unknown) => ({ name: "heal:run", data });
  const huge = "x".repeat(10_000_000);
  const bad: [{ name: string; data: unknown }, RegExp][] = [
    [heal({ target: "nobody" }), /no node has a target named nobody/],
    [heal({ target: "__proto__" }), /no node has a target named __proto__/],
    [{ name: "heal", data: { target: "worker" } }, /no job of this queue is named "heal"/],
    [{ name: "__proto__", data: { target: "worker" } }, /no job of this queue is named "__proto__"/],
    [heal({ target: "worker", force: true }), /not valid: .*force/],
    [heal({ target: "worker", run: ["touch", "ran"] }), /not valid: .*run/],
    [heal({ target: 5 }), /not valid: target: .*string/],
    [heal({ target: ["worker"] }), /not valid: target: .*string/],
    [heal({ target: "../worker" }), /not valid: target: is not an id/],
    [heal({ target: "worker", dryRun: "no" }), /not valid: dryRun: /],
    [heal(null), /not valid: /],
    [heal("worker"), /not valid: /],
    [heal({ target: "worker", reason: huge }), /not valid: reason: /],
    [heal({ target: "worker", [huge]: 1 }), /^the data of this heal:run is not valid: .{1,600}$/],
  ];
  const proto = '{"name":"heal:run","data":{"target":"worker","__proto__":{"force":true}}}';
  const jobs = `[${[...bad.map(([job]) => JSON.stringify(job)), proto].join(",")}]`;
  const ended = await ask(socket(), jobs);
  bad.forEach(([, reason], n) => {
    expect(ended[n]?.error).toMatch(reason);
  });
  expect(ended.at(-1)?.error).toMatch(/not valid: .*__proto__/);

  const onOwn = await ask(
    socket(),
    [
      heal({ target: "worker", run: ["touch", "ran"] }),
      heal({ target: "nobody", force: true }),
      { name: "exec", data: {} },
      heal({ target: "worker", reason: huge }),
      heal({ target: "constructor", force: true }),
      { name: "target:wish", data: { target: "__proto__", wish: "stop" } },
      { name: "target:wish", data: { target: "worker", wish: "x".repeat(10_000) } },
      { name: "constructor", data: { target: "worker" } },
    ],
    ownQueue,
  );
  expect(onOwn.slice(3).map(({ error }) => error?.slice(0, 60))).toEqual([
    expect.stringMatching(/not valid: reason: /),
    expect.stringMatching(/unknown target constructor on node test/),
    expect.stringMatching(/unknown target __proto__ on node test|not valid: target/),
    expect.stringMatching(/not valid: wish: /),
    expect.stringMatching(/no job of this queue is named "constructor"/),
  ]);
  const alert = {
    node: "test",
    target: "t",
    event: "e",
    severity: "info",
    critical: false,
    message: "m",
    at: 1,
  };
  const send = (channel: unknown, more: object) => ({
    name: "alert:send",
    data: { channel, alert: { ...alert, ...more } },
  });
  const elsewhere = await Promise.all([
    ask(
      socket(),
      [
        { name: "check:run", data: { targets: [huge], trigger: "manual" } },
        { name: "check:run", data: { targets: ["__proto__", "constructor"], trigger: "manual" } },
        { name: "heal:run", data: { target: "worker" } },
      ],
      { ...ownQueue, queue: "check.test" },
    ),
    ask(
      socket(),
      [send("log", { message: huge }), send("__proto__", {}), send("log", { run: ["touch", "ran"] })],
      {
        queue: "alert",
      },
    ),
  ]);
  expect(elsewhere.flat().map(({ error, value }) => error?.slice(0, 80) ?? value)).toEqual([
    expect.stringMatching(/not valid: targets\.0: /),
    expect.objectContaining({ unknown: ["__proto__", "constructor"] }),
    expect.stringMatching(/no job of this queue is named "heal:run"/),
    expect.stringMatching(/not valid: alert\.message: /),
    expect.stringMatching(/no alert channel __proto__ is declared|not valid: channel/),
    expect.stringMatching(/not valid: alert: .*run/),
  ]);
  expect(existsSync(node.path("ran"))).toBe(false);
  expect(onOwn[0]?.error).toMatch(/not valid: .*run/);
  expect(onOwn[1]?.error).toMatch(/unknown target nobody on node test/);
  expect(onOwn[2]?.error).toMatch(/no job of this queue is named "exec"/);

  // healq is as well as before, and has acted for none of them
  const [well] = await ask(socket(), [heal({ target: "worker" })]);
  expect(well?.value).toMatchObject({ outcome: "already-healthy" });
  expect(starts()).toHaveLength(1);
  const audit = await node.audit();
  const acted = audit.filter(({ event, target }) => event.startsWith("heal.") && target !== "broken");
  expect(acted.map(({ event, job }) => [event, job])).toEqual([
    ["heal.requested", expect.stringMatching(/^heal\.worker\./)],
  ]);
});

test("a hundred equal requests for a dead or a sick worker are one restart, and all get its outcome", async () => {
  const hundred = Array.from({ length: 100 }, (_, n) => ({
    name: "heal:run",
    data: { target: "worker", requestedBy: `program ${n}` },
  }));
  const pid = node.pid("worker") ?? 0;
  const dead = await ask(socket(), hundred, { hold: { ...ownQueue, kill: pid } });
  const [first] = dead;
  expect(first?.value).toEqual({
    target: "worker",
    outcome: "healed",
    remedy: "restart",
    reason: expect.any(String),
    applications: 1,
    recoveredMs: expect.any(Number),
    durationMs: expect.any(Number),
    incident: expect.any(String),
  });
  for (const { value } of dead) expect(value).toEqual(first?.value);
  expect(starts()).toHaveLength(2);

  const before = node.pid("worker");
  writeFileSync(node.path("sick"), `${before}`);
  await until(() => Date.now() - statSync(node.path("out")).mtimeMs > 2_500, {
    within: 10_000,
    what: "it is stale",
  });
  const sick = await ask(socket(), hundred, { hold: ownQueue });
  for (const { value } of sick) expect(value).toMatchObject({ outcome: "healed", remedy: "restart" });
  expect(starts()).toHaveLength(3);
  expect(node.pid("worker")).not.toBe(before);
  await until(() => started().length >= 2);
  expect((await node.audit("worker")).filter(({ event }) => event === "heal.started")).toHaveLength(2);
});

test("a dry run in flight swallows nothing and has its own outcome; forced heals are jobs of their own; an old failed job that is retried does no harm", async () => {
  const heal = (more: object) => ({ name: "heal:run", data: { target: "worker", ...more } });
  const kill = node.pid("worker") ?? 0;
  const [dry, real] = await ask(socket(), [heal({ dryRun: true }), heal({})], {
    hold: { ...ownQueue, kill },
  });
  expect(dry?.value).toMatchObject({ outcome: "dry-run", remedy: "restart", applications: 0 });
  expect(dry?.value?.plan?.join("\n")).toMatch(/start/);
  expect(real?.value).toMatchObject({ outcome: "healed", applications: 1 });
  expect(starts()).toHaveLength(2);

  const forced = heal({ force: true, requestedBy: "ann" });
  const twice = await ask(socket(), [forced, forced], ownQueue);
  expect(twice.map(({ value }) => value?.outcome)).toEqual(["healed", "healed"]);
  expect(starts()).toHaveLength(4);

  const failed = await until(() => auditOf(node, "broken").find(({ event }) => event === "heal.failed"), {
    within: 10_000,
    what: "the automatic heal of what cannot be cured has failed",
  });
  expect(linesOf(node.path("applied"))).toHaveLength(1);
  writeFileSync(node.path("mended"), "");
  const [retried] = await ask(socket(), [], { ...ownQueue, retry: failed.job ?? "" });
  expect(retried?.value).toMatchObject({ target: "broken", outcome: "already-healthy" });
  expect(linesOf(node.path("applied"))).toHaveLength(1);
});
