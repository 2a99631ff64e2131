import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { aged, smallDisk } from "../support/disk.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";

const megabyte = 1_048_576;

test("a disk that has room is ok, with its share and inodes as df counts them", async () => {
  const seen = await makeEye()(
    targetOf("disk", { path: "/", full: "100%", inodes: "100%", warning: "100%" }),
  );
  expect(seen).toMatchObject({ status: "ok", findings: [] });
  expect(seen.message).toMatch(/^[\d.]+% used, [\d.]+ [kMGT]?B free$/);
  const [, used = ""] = execFileSync("df", ["--output=pcent", "/"], { encoding: "utf8" }).split("\n");
  // df rounds up.
  expect(Math.abs((seen.metrics.usedShare ?? 0) * 100 - Number.parseInt(used, 10))).toBeLessThanOrEqual(1.1);
  expect(seen.metrics.free).toBeGreaterThan(0);
});

test("a disk that fills up is a warning and then full, and who holds deleted files is said", async ({
  skip,
}) => {
  const disk = smallDisk("size=8m") ?? skip();
  const eye = makeEye();
  const look = (more: object = {}) => eye(targetOf("disk", { path: disk, ...more }));
  expect(await look()).toMatchObject({ status: "ok", message: "0% used, 8.4 MB free" });
  aged(join(disk, "a"), 1, 7 * megabyte);
  const warned = await look();
  expect(warned).toMatchObject({ status: "warning", metrics: { usedShare: 0.875 } });
  expect(warned.findings).toMatchObject([{ symptom: "disk.warning", severity: "warning", fact: false }]);
  expect(warned.message).toBe(`${disk} is 87.5% used (a warning from 85% on), 1 MB free`);
  expect(await look({ warning: "90%" })).toMatchObject({ status: "ok" });
  expect(await look({ full: "80%" })).toMatchObject({ findings: [{ symptom: "disk.full" }] });

  aged(join(disk, "held"), 1, 0.75 * megabyte);
  const held = openSync(join(disk, "held"), "r");
  onTestFinished(() => closeSync(held));
  rmSync(join(disk, "held"));
  const full = await look();
  expect(full.findings).toMatchObject([{ symptom: "disk.full", severity: "critical", fact: true }]);
  expect(full.message).toContain(`96.9% used (full from 95% on), 262 kB free; 786 kB in deleted files`);
  expect(full.message).toContain(`(pid ${process.pid})`);
  expect(full.findings[0]?.evidence.deletedButOpen).toEqual({
    bytes: 0.75 * megabyte,
    largest: [{ pid: process.pid, path: join(disk, "held"), bytes: 0.75 * megabyte }],
  });
});

test("a disk that has room but no inodes is a fault of its own", async ({ skip }) => {
  const disk = smallDisk("size=8m,nr_inodes=20") ?? skip();
  for (let i = 0; i < 18; i += 1) writeFileSync(join(disk, String(i)), "");
  const seen = await makeEye()(targetOf("disk", { path: disk }));
  expect(seen.findings).toMatchObject([{ symptom: "disk.inodes", fact: true }]);
  expect(seen.message).toBe(`${disk} has 95% of its inodes used (few left from 90% on)`);
});

test("what cannot be told is unknown: a path that is missing, a file system without a size", async () => {
  const eye = makeEye();
  const missing = await eye(targetOf("disk", { path: "gone" }, { base: scratch() }));
  expect(missing).toMatchObject({ status: "unknown", findings: [] });
  expect(missing.message).toBe("gone cannot be looked at: there is no such file or folder");
  const sizeless = await eye(targetOf("disk", { path: "/proc" }));
  expect(sizeless.message).toBe("/proc is on a file system that has no size");
});

test("a network mount is asked in a helper process, and a hung one does not hold the look up", async () => {
  const folder = scratch();
  const files = createFiles({ mounts: () => [{ point: folder, type: "nfs4" }] });
  onTestFinished(() => files.close());
  const asked = files.space(folder, { signal: AbortSignal.timeout(5_000) });
  expect(asked).toBeInstanceOf(Promise);
  expect(await asked).toMatchObject({
    blocks: statfsSync(folder).blocks,
    blockSize: statfsSync(folder).bsize,
  });
  expect(await files.space(folder, { signal: AbortSignal.abort() })).toMatchObject({ error: "EHUNG" });
});

/** What the schema says of a rule's path; undefined when nothing. */
function problemOf(path: string): string | undefined {
  const result = kindOf("disk")?.schema.safeParse({ path: "/", rules: [{ path, olderThan: "7d" }] });
  return result?.error?.issues[0]?.message;
}

test("patterns that are empty, relative or reach too far are errors of the config", () => {
  for (const path of ["", "logs/*.log", "./x"]) expect(problemOf(path)).toMatch(/must be absolute/);
  for (const path of ["/", "/var/log/app/"])
    expect(problemOf(path)).toMatch(/must end with the name of files/);
  for (const path of ["/*", "/**/*", "/*.log", "/var/*", "/home/**/*.tmp", "/var/lib/*", "/root/*"])
    expect(problemOf(path), path).toMatch(/reaches too far/);
  for (const path of [
    "/etc/*",
    "/etc/app/*.bak",
    "/usr/share/x/*",
    "/usr/*",
    "/usr/local/*",
    "/proc/1/*",
    "/lib64/x/*",
  ])
    expect(problemOf(path), path).toMatch(/a folder of the system/);
  for (const path of ["/data/../etc/*", "/data//x", "/data/./x"])
    expect(problemOf(path), path).toMatch(/empty names/);
  expect(problemOf("/data/x/**")).toMatch(/names folders only/);
  expect(problemOf("/data/x**/a")).toMatch(/only as a whole name/);
  expect(problemOf("/data/{a,b}")).toMatch(/no brackets/);
  for (const path of [
    "/var/log/app/*.log.*",
    "/data/**/*.tmp",
    "/tmp/x-*",
    "/usr/local/app/*.log",
    "/data/core",
  ])
    expect(problemOf(path), path).toBeUndefined();
  expect(kindOf("disk")?.schema.safeParse({ path: "/", rules: [{ path: "/data/*" }] }).success).toBe(false);
});

test("a warning that would never be given is an error of the config", () => {
  const disk = kindOf("disk");
  const problems = (written: object) => disk?.problems?.(disk.schema.parse({ path: "/", ...written }));
  expect(problems({ full: "80%" })).toEqual([]);
  expect(problems({ full: "80%", warning: "85%" })).toMatchObject([{ path: ["warning"] }]);
});
