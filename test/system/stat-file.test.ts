import { readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { createMemories } from "../../src/look/memories.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { watchedStatOf } from "../../src/system/stat-file.ts";
import { run } from "../support/child.ts";
import { until } from "../support/wait.ts";

/** The open files of this process that belong to the stat of a pid. */
const openOf = (pid: number) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === `/proc/${pid}/stat`;
    } catch {
      return false;
    }
  }).length;

function rig() {
  const memories = createMemories();
  const child = run(["sleep", "300"]);
  const pid = child.pid ?? 0;
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error("it did not start");
  return { memories, memory: memories("it"), child, pid, identity };
}

test("the file of a process is held open while it is watched, and tells of its end", async () => {
  const { memory, memories, child, pid, identity } = rig();
  for (let n = 0; n < 3; n += 1)
    expect(watchedStatOf(identity, memory)).toMatchObject({ pid, ppid: process.pid });
  expect(openOf(pid)).toBe(1);
  child.kill("SIGKILL");
  await until(() => watchedStatOf(identity, memory) === undefined, { within: 5_000 });
  expect(openOf(pid)).toBe(0);
  expect(watchedStatOf(identity, memory)).toBeUndefined();
  memories.close();
});

test("another identity, also of the same pid, is another process: its file takes the place of the first", () => {
  const { memory, memories, pid, identity } = rig();
  expect(watchedStatOf(identity, memory)).toBeDefined();
  expect(watchedStatOf({ ...identity, startTime: identity.startTime - 1 }, memory)).toBeUndefined();
  expect(watchedStatOf({ ...identity, bootId: "another boot" }, memory)).toBeUndefined();
  expect(watchedStatOf(identity, memory)).toMatchObject({ pid });
  expect(openOf(pid)).toBe(1);
  memories.close();
  expect(openOf(pid)).toBe(0);
});
