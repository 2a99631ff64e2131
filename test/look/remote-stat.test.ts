import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readStat } from "../../src/system/procfs.ts";
import { type Mount, parseMounts, remoteMountOf } from "../../src/system/remote-mounts.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const root: Mount = { point: "/", type: "ext4" };

test("the mount table is read with its escapes", () => {
  expect(parseMounts("host:/x /mnt/a\\040b nfs4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n")).toEqual([
    { point: "/mnt/a b", type: "nfs4" },
    { point: "/tmp", type: "tmpfs" },
  ]);
});

test("a path is remote when a mount that may hang is on its way, also behind links and dots", () => {
  const folder = scratch();
  const share = join(folder, "share");
  mkdirSync(join(share, "logs"), { recursive: true });
  mkdirSync(join(folder, "local"));
  symlinkSync("../share/logs", join(folder, "local", "link"));
  symlinkSync("loop", join(folder, "loop"));
  const mounts = [root, { point: share, type: "fuse.sshfs" }];
  expect(remoteMountOf(join(share, "x"), mounts)).toBe(share);
  expect(remoteMountOf(`${folder}/local/link/x`, mounts)).toBe(share);
  expect(remoteMountOf(`${folder}/local/../share`, mounts)).toBe(share);
  expect(remoteMountOf(`${folder}/local/x`, mounts)).toBeUndefined();
  expect(remoteMountOf(`${folder}/share-not`, mounts)).toBeUndefined();
  expect(remoteMountOf(join(folder, "loop", "x"), mounts)).toBeUndefined();
});

test("what is mounted over a network mount is local, and the last of two mounts on one point counts", () => {
  const mounts = [root, { point: "/net", type: "nfs4" }, { point: "/net/disk", type: "ext4" }];
  expect(remoteMountOf("/net/disk/x", mounts)).toBe("/net");
  expect(remoteMountOf("/net", [...mounts, { point: "/net", type: "tmpfs" }])).toBeUndefined();
});

/** The helper processes of this process. */
function helpers(): number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => {
    const stat = readStat(pid);
    return stat?.ppid === process.pid && stat.state !== "Z";
  });
}

test("a hung mount gives EHUNG by the timeout, collects one process at most, and is well again when it answers", async () => {
  const folder = scratch();
  writeFileSync(join(folder, "a"), "12345");
  const files = createFiles({ mounts: () => [root, { point: folder, type: "nfs4" }] });
  onTestFinished(() => files.close());
  const before = new Set(helpers());
  const stat = (signal: AbortSignal) => files.stat(join(folder, "a"), { signal });
  const soon = AbortSignal.timeout(5_000);
  expect(await stat(soon)).toMatchObject({ type: "file", size: 5 });
  const [helper, ...others] = helpers().filter((pid) => !before.has(pid));
  expect(others).toEqual([]);
  if (helper === undefined) throw new Error("there is no helper process");
  // A stopped process is as silent as one that waits for a dead server.
  process.kill(helper, "SIGSTOP");
  const signal = AbortSignal.timeout(100);
  const answers = await Promise.all([stat(signal), stat(signal), stat(signal)]);
  expect(answers).toEqual(
    Array(3).fill({ error: "EHUNG", message: "its file system did not answer in time" }),
  );
  expect(await stat(soon)).toMatchObject({ size: 5 });
  expect(helpers().filter((pid) => !before.has(pid)).length).toBe(1);
  files.close();
  await until(() => helpers().every((pid) => before.has(pid)), { what: "the helper is gone" });
});

test("a helper that is killed answers the question it was at, and the next one starts another", async () => {
  const folder = scratch();
  writeFileSync(join(folder, "a.json"), "{}");
  const files = createFiles();
  onTestFinished(() => files.close());
  const before = new Set(helpers());
  const parse = () => files.parse(join(folder, "a.json"), "json", AbortSignal.timeout(5_000));
  expect(await parse()).toEqual({});
  const [helper] = helpers().filter((pid) => !before.has(pid));
  process.kill(helper ?? 0, "SIGSTOP");
  const asked = parse();
  process.kill(helper ?? 0, "SIGKILL");
  expect(await asked).toMatchObject({ error: "EHELPER" });
  expect(await parse()).toEqual({});
});

test("local stats are synchronous and say why they failed", () => {
  const files = createFiles({ mounts: () => [root] });
  expect(files.stat("/", { signal: AbortSignal.timeout(1_000) })).toMatchObject({ type: "folder" });
  expect(files.stat("/dev/null", { signal: AbortSignal.timeout(1_000) })).toMatchObject({ type: "other" });
  expect(files.stat("/no/such", { signal: AbortSignal.timeout(1_000) })).toMatchObject({ error: "ENOENT" });
});
