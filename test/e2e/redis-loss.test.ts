import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AuditView } from "../../src/views/audit.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { auditOf, linesOf, untilBack, untilWell } from "../support/record.ts";
import { useRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";

const plain = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
/** Takes a second to show that it works: time enough to lose Redis in the middle of its cure. */
const slow = {
  kind: "process",
  run: ["sh", "-c", "sleep 1; while :; do date > out; sleep 0.2; done"],
  output: { path: "out", maxAge: "30s" },
  stop: { timeout: "1s" },
};
const defaults = { every: "1s", probation: "1s" };
/** What tells one story of a death: nothing is left out, nothing is told twice. */
const story = ["target.exited", "check.changed", "incident.opened", "heal.started", "heal.succeeded"];

const isTold = (node: TestNode, event: string, from = 0) =>
  until(
    () =>
      auditOf(node, "worker")
        .slice(from)
        .find((entry) => entry.event === event),
    {
      within: 20_000,
      what: `${event} is told`,
    },
  );

/** The events of the story in the order told, from the n-th entry on; of `check.changed` only the one that says dead. */
async function toldStory(node: TestNode, from = 0): Promise<string[]> {
  return (await node.audit("worker"))
    .slice(from)
    .filter(
      ({ event, reason }) =>
        story.includes(event) && (event !== "check.changed" || reason.startsWith("dead")),
    )
    .map(({ event }) => event);
}

const redisPid = (node: TestNode): number =>
  JSON.parse(readFileSync(join(node.stateDir, "redis", "server.json"), "utf8")).pid;

test("the private Redis killed in the middle of a heal is back, and the outcome is recorded once", async () => {
  const node = await startNode({ defaults, targets: { worker: slow } });
  await untilWell(node, "worker");
  process.kill(node.pid("worker") ?? 0, "SIGKILL");
  await isTold(node, "heal.started");
  const before = redisPid(node);
  process.kill(before, "SIGKILL");
  await until(() => redisPid(node) !== before, { within: 15_000, what: "another Redis" });
  await isTold(node, "incident.resolved");
  expect(await toldStory(node)).toEqual(story);
  expect(await node.status("worker")).toMatchObject({
    status: "ok",
    phase: "watching",
    state: "running",
    pid: node.pid("worker"),
    heals: { ok: 1, failed: 0 },
    incident: null,
  });

  // A Redis that is stopped for a while costs nothing but that while.
  const told = auditOf(node, "worker").length;
  process.kill(redisPid(node), "SIGSTOP");
  await until(
    () => linesOf(join(node.stateDir, "logs", "healq.log")).some((line) => /heartbeat/.test(line)),
    {
      within: 15_000,
      what: "healq notices",
    },
  );
  process.kill(redisPid(node), "SIGCONT");
  const { pid } = await untilBack(node, "worker");
  await isTold(node, "incident.resolved", told);
  expect(
    await toldStory(node, (await node.audit("worker")).length - auditOf(node, "worker").length + told),
  ).toEqual(story);
  expect((await node.status("worker")).pid).toBe(pid);
});

test.each(["stopped", "dead"])(
  "with a shared Redis that is %s a killed worker is back within about a second; afterwards it is all told, once and in order",
  async (how) => {
    const redis = await useRedis({ appendonly: true });
    const node = await startNode({ redis: redis.url, defaults, targets: { worker: plain, other: plain } });
    for (const target of ["worker", "other"]) await untilWell(node, target);
    const log = () => linesOf(join(node.stateDir, "logs", "healq.log"));
    const told = auditOf(node).length;

    if (how === "dead") await redis.kill();
    else process.kill(redis.pid, "SIGSTOP");
    // A Redis that is silent all of a sudden is believed to be away after a second.
    const first = await untilBack(node, "worker");
    expect(first.ms).toBeLessThan(how === "dead" ? 6_000 : 8_000);
    const second = await untilBack(node, "other");
    expect(second.ms).toBeLessThan(6_000);
    const isHealed = (line: string) => line.includes('"target":"worker"') && line.includes("healed:");
    await until(() => log().some(isHealed), { within: 15_000, what: "the first cure is verified" });
    const third = await untilBack(node, "worker");
    // the third death comes after a first cure: within its probation it waits for the back-off
    expect(third.ms).toBeLessThan(15_000);

    if (how === "dead") await redis.restart();
    else process.kill(redis.pid, "SIGCONT");
    await until(
      () => auditOf(node, "worker").filter(({ event }) => event === "heal.succeeded").length === 2,
      {
        within: 20_000,
        what: "it is all told",
      },
    );
    for (const target of ["worker", "other"]) await untilWell(node, target);
    const audit = (await node.audit()).slice(told);
    const of = (target: string) =>
      audit.filter(
        (entry) =>
          entry.target === target && [...story, "incident.resolved", "heal.failed"].includes(entry.event),
      );
    const other = of("other").filter(
      ({ event, reason }) => event !== "check.changed" || reason.startsWith("dead"),
    );
    expect(other.map(({ event }) => event)).toEqual([...story, "incident.resolved"]);
    const count = (event: string) => of("worker").filter((entry) => entry.event === event).length;
    expect([count("target.exited"), count("heal.started"), count("heal.succeeded")]).toEqual([2, 2, 2]);
    const times = audit.filter(({ target }) => target === "worker").map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(linesOf(join(node.stateDir, "journal.jsonl"))).toEqual([]);
    // One is in the order of telling, the other in that of what happened: of two targets they may differ by milliseconds.
    const byId = (entries: AuditView[]) => entries.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(byId(auditOf(node))).toEqual(byId(await node.audit()));

    const seen = (await node.status("worker")).lastCheck ?? "";
    await until(async () => ((await node.status("worker")).lastCheck ?? "") > seen, {
      within: 15_000,
      what: "new looks",
    });
    expect((await node.status("worker")).pid).toBe(third.pid);
    expect((await node.healq("heal", "worker", "--json")).code).toBe(0);
  },
);
