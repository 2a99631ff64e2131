import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cachedByFolders } from "../../src/system/folder-cache.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

/** Two folders, and how often each file of theirs was read. */
function rig() {
  const base = scratch();
  const folders = [join(base, "a"), join(base, "b")];
  for (const folder of folders) mkdirSync(folder);
  const reads = new Map<string, number>();
  const read = cachedByFolders(folders, (name) => {
    const times = (reads.get(name) ?? 0) + 1;
    reads.set(name, times);
    return `${name}${times}`;
  });
  const isRemembered = () => {
    const before = read("it");
    return before === read("it");
  };
  const settled = () => until(isRemembered, { within: 5_000, what: "the folders are settled" });
  return { folders, read, settled, isRemembered };
}

test("a name is read once, until a file of one of the folders is made, replaced or removed", async () => {
  const { folders, read, settled } = rig();
  await settled();
  const known = read("it");
  expect(read("other")).toBe("other1");
  expect([read("it"), read("other")]).toEqual([known, "other1"]);
  for (const [n, change] of [
    () => writeFileSync(join(folders[1] ?? "", "new"), ""),
    () => writeFileSync(join(folders[0] ?? "", "x"), ""),
    () => renameSync(join(folders[0] ?? "", "x"), join(folders[0] ?? "", "y")),
    () => rmSync(join(folders[1] ?? "", "new")),
  ].entries()) {
    await settled();
    const before = read("it");
    change();
    await until(() => read("it") !== before, { within: 1_000, what: `change ${n} is seen` });
  }
});

test("while a folder has just been changed nothing is remembered: its time would not tell the next change", async () => {
  const { folders, settled, isRemembered } = rig();
  await settled();
  writeFileSync(join(folders[0] ?? "", "x"), "");
  await until(() => !isRemembered(), { within: 1_000 });
  // Nor when its time lies ahead, as after a clock that was set back; the change of its time counts, not the time itself.
  const ahead = Date.now() / 1_000 + 3_600;
  utimesSync(folders[0] ?? "", ahead, ahead);
  expect(isRemembered()).toBe(false);
});

test("a folder that is not there yet is no fault, and seen when it comes", async () => {
  const { folders, read, settled } = rig();
  rmSync(folders[0] ?? "", { recursive: true });
  await settled();
  const before = read("it");
  mkdirSync(folders[0] ?? "");
  await until(() => read("it") !== before, { within: 1_000 });
});
