import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { until } from "./wait.ts";

/** Where the memory of groups is counted, by either version, and the file of the limit. */
const trees = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { root: "/sys/fs/cgroup", limit: "memory.max" },
];

/** A control group that may use so many bytes, removed when the current test ends; undefined where this user may not make one. */
export function limitedGroup(bytes: number): string | undefined {
  for (const { root, limit } of trees) {
    const group = join(root, `healq-test-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    onTestFinished(async () => {
      // Who was in it may take a moment to be gone.
      await until(() => {
        rmdirSync(group);
        return true;
      });
    });
    try {
      writeFileSync(join(group, limit), String(bytes));
      return group;
    } catch {
      // It counts something else than memory.
    }
  }
  return undefined;
}
