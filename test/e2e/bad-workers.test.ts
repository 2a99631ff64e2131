import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spareRoom } from "../../src/system/rotate.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { copiesOf, lives, processesOf, startsOf, stays, worker } from "../support/worker.ts";

const quick = { stableFor: "200ms" };
const log = { maxSize: "1MB", keep: 2 };

/** What the parts of a worker's log take together, in bytes. */
function logBytes(node: TestNode, id: string): number {
  const folder = join(node.stateDir, "logs");
  const sizes = readdirSync(folder)
    .filter((name) => name.startsWith(`${id}.log`))
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("workers with bad manners are started, seen to live, and back after a kill, each once", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      mute: worker("mute", `exec >&- 2>&-\n${stays}`, quick),
      // Nothing is left that healq has given it: no output, no descriptor 3.
      closed: worker("closed", `exec <&- >&- 2>&- 3>&-\n${stays}`, quick),
      // Binary rubbish, and then a line of 10 MB that never ends.
      rubbish: worker(
        "rubbish",
        `head -c 100000 /dev/urandom\nhead -c 10000000 /dev/zero | tr '\\0' x\necho >>rubbish.written\n${stays}`,
        { ...quick, log: { maxSize: "50MB" } },
      ),
      crowd: worker("crowd", "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; wait", quick),
      // Calls itself something else, then becomes another program.
      disguised: worker("disguised", `echo other >/proc/$$/comm\nsleep 0.3\n${stays}`, quick),
    },
  });
  const ids = ["mute", "closed", "rubbish", "crowd", "disguised"];
  const areWell = () => ids.every((id) => shownOf(node, id)?.status === "ok");
  await until(() => areWell() && processesOf(node, "crowd").length === 201, { within: 20_000 });
  await until(() => linesOf(node.path("rubbish.written")).length === 1, { within: 10_000 });
  expect(ids.map((id) => startsOf(node, id).length)).toEqual([1, 1, 1, 1, 1]);
  const logs = await node.healq("logs", "rubbish", "--lines", "2");
  expect(logs.code).toBe(0);
  expect(logs.stdout).toContain("x".repeat(1_000));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may get to a terminal
  expect(logs.stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);

  const before = ids.map((id) => node.pid(id) ?? 0);
  const crowd = processesOf(node, "crowd");
  for (const pid of before) process.kill(pid, "SIGKILL");
  await until(() => ids.every((id) => eventsOf(node, id)["incident.resolved"]), { within: 30_000 });
  for (const id of ids) {
    expect(startsOf(node, id)).toHaveLength(2);
    expect(eventsOf(node, id)).toMatchObject({
      "incident.opened": 1,
      "heal.started": 1,
      "heal.succeeded": 1,
    });
    expect(copiesOf(node, id)).toEqual([node.pid(id)]);
  }
  // What the dead one left of its two hundred is gone; the evidence of the one that wrote rubbish is bounded.
  expect(crowd.filter(lives)).toEqual([]);
  for (const entry of auditOf(node, "rubbish")) expect(JSON.stringify(entry).length).toBeLessThan(64 * 1024);
});

test("a worker that writes 100 MB a second does not fill the disk, nor keep healq from its work", async () => {
  const flood = "while :; do head -c 10000000 /dev/zero; sleep 0.1; done";
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      flood: worker("flood", flood, { ...quick, log }),
      other: worker("other", stays, quick),
    },
  });
  await until(() => shownOf(node, "other")?.status === "ok", { within: 15_000 });
  const rotated = () => readdirSync(join(node.stateDir, "logs")).includes("flood.log.2");
  await until(rotated, { within: 20_000, what: "its log was cut twice" });
  let most = 0;
  process.kill(node.pid("other") ?? 0, "SIGKILL");
  await until(
    () => {
      most = Math.max(most, logBytes(node, "flood"));
      return eventsOf(node, "other")["incident.resolved"];
    },
    { within: 20_000, every: 50 },
  );
  // Two parts that are kept, a copy under way, and what comes between two cuts of a busy machine: 200 MB is two seconds.
  expect(most).toBeLessThan(3 * (1_000_000 + spareRoom + 2 ** 20) + 200_000_000);
  expect(shownOf(node, "flood")).toMatchObject({ status: "ok", phase: "watching" });
  const told = linesOf(join(node.stateDir, "logs", "healq.log")).join("\n") + node.said();
  expect(told).toContain("flood writes faster than its log is kept");
});
