import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeNode, type TestNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf, stageOf } from "../support/record.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { alone, copiesOf, endsSlowly, startsOf, worker } from "../support/worker.ts";

/** Where healq is to kill itself; see `die-before-rename.mjs`. */
function crashPoints() {
  const trap = join(scratch(), "crash-at");
  const hook = fileURLToPath(new URL("../support/die-before-rename.mjs", import.meta.url));
  return {
    env: { NODE_OPTIONS: `--import=${hook}`, CRASH_AT: trap },
    set: (point: { path: string; holding: string }) => writeFileSync(trap, JSON.stringify(point)),
  };
}

/** What is to be true after every crash: the worker is well, once, and is the one that is written down. */
async function isWellOnce(node: TestNode): Promise<void> {
  await until(() => node.pid("worker") !== undefined && stageOf(node, "worker") === undefined, {
    within: 20_000,
    what: "a pid is written down and nothing is being done",
  });
  expect(copiesOf(node, "worker")).toEqual([node.pid("worker")]);
  expect(linesOf(node.path("worker.overlaps"))).toEqual([]);
}

test("healq killed while it stops a worker, between stop and start, and between spawn and writing the pid: always one copy", async () => {
  const crash = crashPoints();
  const node = makeNode(
    {
      defaults: { every: "1s", probation: "1s" },
      targets: { worker: worker("worker", alone("worker", endsSlowly("worker", 1)), { stableFor: "200ms" }) },
    },
    { env: crash.env },
  );
  await node.up();
  await isWellOnce(node);
  const restart = () => node.healq("heal", "worker", "--force", "--no-wait");
  const died = () => until(() => node.process().signalCode, { within: 20_000, what: "healq is killed" });

  // While it stops: the signal is sent, and the worker takes a second to end.
  await restart();
  await until(() => linesOf(node.path("worker.ends")).length === 1, { within: 10_000 });
  await node.crash();
  expect(stageOf(node, "worker")).toBe("stopping");
  await node.up();
  await isWellOnce(node);

  // Between the halves: the old one is gone, and there is no new one.
  crash.set({ path: "intent/worker.json", holding: '"spawning"' });
  await restart();
  await died();
  expect([stageOf(node, "worker"), copiesOf(node, "worker")]).toEqual(["stopped", []]);
  await node.up();
  await isWellOnce(node);

  // The new one runs, and nothing but the intent tells of it.
  crash.set({ path: "pids/worker.json", holding: '^(?!.*"exit")' });
  await restart();
  await died();
  expect([stageOf(node, "worker"), node.pid("worker")]).toEqual(["spawning", undefined]);
  const spawned = await until(() => copiesOf(node, "worker")[0]);
  await node.up();
  await isWellOnce(node);
  expect(node.pid("worker")).toBe(spawned);

  // The three heals are found again by BullMQ and end, each once, within ten seconds.
  await until(() => (eventsOf(node, "worker")["heal.succeeded"] ?? 0) >= 3, {
    within: 10_000,
    what: "the heals that were cut short are finished",
  });
  const succeeded = auditOf(node, "worker").filter(({ event }) => event === "heal.succeeded");
  expect(new Set(succeeded.map(({ job }) => job)).size).toBe(3);
  expect(succeeded).toHaveLength(3);
  await isWellOnce(node);

  // A person's stop is finished, and stays one.
  const ends = linesOf(node.path("worker.ends")).length;
  const starts = startsOf(node, "worker").length;
  const stop = node.healq("stop", "worker");
  await until(() => linesOf(node.path("worker.ends")).length > ends, { within: 10_000 });
  await node.crash();
  await node.up();
  expect(copiesOf(node, "worker")).toEqual([]);
  expect(await stop).toMatchObject({ code: 0 });
  await until(() => shownOf(node, "worker")?.state === "stopped");
  expect(startsOf(node, "worker")).toHaveLength(starts);
});
