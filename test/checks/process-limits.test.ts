import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import * as procfs from "../../src/system/procfs.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { run } from "../support/child.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

vi.mock("../../src/system/procfs.ts", { spy: true });

/** A process that is found by its pid file. */
function found(pid: number, limits?: object) {
  const base = scratch();
  writeFileSync(join(base, "it.pid"), String(pid));
  const more = limits === undefined ? {} : { limits };
  return targetOf("process", { pidFile: "it.pid", startGrace: "0s", stableFor: "0s", ...more }, { base });
}

/** The same as healq itself would have started it. */
function started(pid: number, limits?: object) {
  const identity = identityOf(pid);
  const record = { startedAt: Date.now() - 60_000, ...(identity && { identity }) };
  const more = limits === undefined ? {} : { limits };
  const fields = { run: ["x"], startGrace: "0s", stableFor: "0s", ...more };
  return { target: targetOf("process", fields), eye: makeEye({ ...noProcesses, read: () => record }) };
}

/** Holds so many megabytes, while a file is there. */
const hog = (megabytes: number) => `my $x; vec($x, ${megabytes * 1_000_000}, 8) = 1;`;

test("what a child of the leader holds counts, as a fault that is inferred", async () => {
  const leader = run(["sh", "-c", `perl -e '${hog(60)} sleep 300' & wait`]);
  const target = found(leader.pid, { memory: "50MB", for: "0s" });
  const eye = makeEye();
  const seen = await until(async () => {
    const look = await eye(target);
    return look.findings.length > 0 ? look : undefined;
  });
  expect(seen).toMatchObject({
    status: "warning",
    state: "unhealthy",
    findings: [{ symptom: "process.memory", severity: "warning", fact: false }],
  });
  expect(seen.message).toMatch(/^uses \d+ MB of memory with all that it started, more than 50 MB for /);
  expect(seen.metrics.treeRss).toBeGreaterThan(50_000_000);
  expect(seen.metrics.rss).toBeLessThan(10_000_000);
  expect(seen.findings[0]?.evidence).toMatchObject({
    limit: 50_000_000,
    largest: [{ name: "perl" }, { name: "sh" }],
  });
});

test("memory that many processes share counts once", async () => {
  const fork = `${hog(60)} for (1..3) { if (!fork) { sleep 300; exit } } sleep 300`;
  const leader = run(["perl", "-e", fork]);
  const target = found(leader.pid, { memory: "100MB", for: "0s" });
  const eye = makeEye();
  const seen = await until(async () => {
    const look = await eye(target);
    return (look.metrics.treeRss ?? 0) > 200_000_000 ? look : undefined;
  });
  expect(seen).toMatchObject({ status: "ok", findings: [] });
});

test("what is over its limit and dips under it again is left alone", async () => {
  const folder = scratch();
  const flag = join(folder, "big");
  writeFileSync(flag, "");
  const breathe = `while (1) { if (-e "${flag}") { vec($x, 60_000_000, 8) = 1 } else { undef $x } select(undef, undef, undef, 0.02) }`;
  const target = found(run(["perl", "-e", breathe]).pid, { memory: "50MB", for: "1s" });
  const eye = makeEye();
  const size = async (wanted: (bytes: number) => boolean) =>
    until(async () => {
      const look = await eye(target);
      expect(look.findings).toEqual([]);
      return wanted(look.metrics.treeRss ?? 0);
    });
  for (let i = 0; i < 3; i++) {
    await size((bytes) => bytes > 50_000_000);
    rmSync(flag);
    await size((bytes) => bytes < 50_000_000);
    writeFileSync(flag, "");
  }
  const seen = await until(async () => {
    const look = await eye(target);
    return look.findings[0];
  });
  expect(seen.message).toMatch(/for 1(\.\d+)? s$/);
});

test("a busy loop of a child is over a limit of one core's share; an idle process is not", async () => {
  const [busy, idle] = [run(["sh", "-c", "sh -c 'while :; do :; done' & wait"]), run(["sleep", "300"])];
  const limits = { cpu: "15%", for: "0s" };
  const hot = started(busy.pid, limits);
  const cold = started(idle.pid, limits);
  const seen = await until(
    async () => {
      const [look, other] = await Promise.all([hot.eye(hot.target), cold.eye(cold.target)]);
      expect(other.findings).toEqual([]);
      return look.findings.length > 0 && other.metrics.treeCpu !== undefined ? look : undefined;
    },
    { within: 8_000, every: 200 },
  );
  expect(seen.findings).toMatchObject([{ symptom: "process.cpu", severity: "warning", fact: false }]);
  expect(seen.metrics.treeCpu).toBeGreaterThan(0.15);
  expect(seen.message).toMatch(/^uses \d+(\.\d+)?% of a core with all that it started, more than 15% for /);
});

test("an orphan in the session of what healq started counts; one of a process that was found does not", async () => {
  const orphan = join(scratch(), "orphan.pl");
  writeFileSync(orphan, `${hog(60)} sleep 300`);
  // The inner shell ends at once, so nobody of the tree is its parent.
  const { pid } = run(["sh", "-c", `sh -c "perl ${orphan} &"; exec sleep 300`]);
  const ours = started(pid, { memory: "50MB", for: "0s" });
  await until(async () => (await ours.eye(ours.target)).findings[0]?.symptom === "process.memory");
  expect((await makeEye()(found(pid, { memory: "50MB", for: "0s" }))).findings).toEqual([]);
});

test("without limits /proc is not scanned", async () => {
  const { pid } = run(["sleep", "300"]);
  const scans = vi.mocked(procfs.listProcesses);
  const without = started(pid);
  scans.mockClear();
  await without.eye(without.target);
  expect(scans).not.toHaveBeenCalled();
  const limited = started(pid, { memory: "1GB" });
  await limited.eye(limited.target);
  expect(scans).toHaveBeenCalledTimes(1);
});
