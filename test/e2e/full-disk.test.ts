import { appendFileSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openJournal } from "../../src/store/journal.ts";
import { appendLine } from "../../src/system/append.ts";
import { writeAtomic } from "../../src/system/atomic.ts";
import { smallDisk } from "../support/disk.ts";
import { makeNode, withoutWeb } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf, untilWell } from "../support/record.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { alone, copiesOf, stays, worker } from "../support/worker.ts";

/** Fills it to the last byte; the result gives the room back. */
function fill(disk: string): () => void {
  const filler = join(disk, "filler");
  for (const size of [65_536, 1_024, 1]) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(size));
    } catch {
      // Full for pieces of this size.
    }
  }
  return () => rmSync(filler);
}

test("on a full disk lines are written whole or not at all, files are replaced or stay as they are, and the journal is kept until there is room", ({
  skip,
}) => {
  const disk = smallDisk("size=64k") ?? skip();
  const [lines, whole, kept] = ["lines", "whole", "journal"].map((name) => join(disk, name)) as [
    string,
    string,
    string,
  ];
  appendLine(lines, "first");
  appendFileSync(lines, "cut off by a cra");
  appendLine(lines, "second");
  writeAtomic(whole, "old");
  const journal = openJournal({ file: kept, now: () => 1 });
  journal.append({ name: "a", notes: [] });
  const size = statSync(lines).size;

  const makeRoom = fill(disk);
  expect(() => appendLine(lines, "x".repeat(9_000))).toThrow(/lines cannot be written: its disk is full/);
  expect(statSync(lines).size).toBe(size);
  expect(() => writeAtomic(whole, "new".repeat(9_000))).toThrow(/whole cannot be written: its disk is full/);
  expect(readFileSync(whole, "utf8")).toBe("old");
  for (const name of ["b".repeat(9_000), "c"]) journal.append({ name, notes: [] });
  expect(() => journal.keep()).toThrow(/its disk is full/);
  expect(journal.entries()).toHaveLength(3);

  makeRoom();
  appendLine(lines, "third");
  expect(linesOf(lines)).toEqual(["first", "second", "third"]);
  journal.keep();
  const again = openJournal({ file: kept, now: () => 1 });
  expect(again.entries()).toEqual(journal.entries());
});

test("with stateDir's disk full nothing is started that cannot be written down, no copy is made, healq lives on and says why; with room again the worker is back and all is told", async ({
  skip,
}) => {
  const disk = smallDisk("size=3m") ?? skip();
  const node = makeNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { worker: worker("worker", alone("worker", stays), { stableFor: "200ms" }) },
  });
  symlinkSync(disk, node.stateDir);
  await node.up(...withoutWeb);
  await untilWell(node, "worker");
  fill(disk);
  // What Redis was writing just then it takes back, and that leaves room: full for good once it says that it cannot.
  await until(
    async () => {
      fill(disk);
      return (await node.healq("status")).stderr.startsWith("healq: Redis cannot save to its disk");
    },
    { within: 15_000, what: "Redis says that its disk is full" },
  );
  const makeRoom = fill(disk);
  process.kill(node.pid("worker") ?? 0, "SIGKILL");
  await until(
    () => /cannot be written down first: \S+ cannot be written: its disk is full/.test(node.said()),
    {
      within: 15_000,
      what: "it says why nothing is done",
    },
  );
  // Not "ok, running", which the file said before.
  await until(() => shownOf(node, "worker")?.status !== "ok");
  expect(copiesOf(node, "worker")).toEqual([]);
  const status = await node.healq("status");
  expect(status.code).not.toBe(0);
  expect(status.stderr).toMatch(/^healq: Redis cannot save to its disk/);
  const pause = await node.healq("pause");
  expect(pause).toMatchObject({ code: 1, stderr: expect.stringMatching(/disk is full.*nothing was paused/) });
  expect(node.process().exitCode).toBeNull();

  makeRoom();
  await untilWell(node, "worker");
  await until(() => eventsOf(node, "worker")["incident.resolved"] === 1, { within: 20_000 });
  expect(copiesOf(node, "worker")).toEqual([node.pid("worker")]);
  expect(linesOf(node.path("worker.overlaps"))).toEqual([]);
  expect(eventsOf(node, "worker")).toMatchObject({
    "incident.opened": 1,
    "heal.started": 1,
    "heal.succeeded": 1,
  });
  expect(eventsOf(node, "worker")["heal.failed"]).toBeUndefined();
  expect(linesOf(join(node.stateDir, "journal.jsonl"))).toEqual([]);
  expect(auditOf(node)).toEqual(await node.audit());
});

test("a last line of audit.jsonl that a crash cut off is written again, once", async () => {
  const file = join(scratch(), "a");
  writeFileSync(file, 'whole\n{"id":"1-0","at');
  appendLine(file, "next");
  expect(linesOf(file)).toEqual(["whole", "next"]);
});
