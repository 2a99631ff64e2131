import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { lookAtCpu } from "../../src/checks/cpu.ts";
import { lastedFor } from "../../src/checks/lasting.ts";
import { lookAtMemory } from "../../src/checks/memory.ts";
import { createMemories } from "../../src/look/memories.ts";
import { createSharedWork } from "../../src/look/shared-work.ts";
import type { CheckContext } from "../../src/model/kind.ts";
import type { Target } from "../../src/model/target.ts";
import { type Host, readMemory, thisHost } from "../../src/system/host.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { limitedGroup } from "../support/control-group.ts";
import { exampleTarget } from "../support/example.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";

const calm =
  "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

/** The kernel files of a machine with 1 GB and two processors, as they were recorded; those given differ. */
function machine(files: Readonly<Record<string, string>> = {}, groups: readonly string[] = []): Host {
  const root = scratch();
  const recorded = {
    "proc/meminfo": "MemTotal:        1000000 kB\nMemFree:           10000 kB\nMemAvailable:     400000 kB\n",
    "proc/loadavg": "3.00 2.00 1.00 3/193 19869\n",
    "proc/pressure/memory": calm,
    "proc/pressure/cpu": calm,
    "sys/devices/system/cpu/online": "0-1\n",
  };
  for (const [name, text] of Object.entries({ ...recorded, ...files })) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return {
    proc: join(root, "proc"),
    sys: join(root, "sys"),
    groups: groups.map((group) => join(root, group)),
    memoryGroups: groups.map((group) => join(root, group)),
  };
}

function context(): CheckContext {
  return {
    now: () => Date.now(),
    signal: new AbortController().signal,
    processes: noProcesses,
    files: createFiles(),
    memory: createMemories()("it"),
    shared: createSharedWork(),
  };
}

const look = {
  // Parsed by the kinds' own schemas.
  memory: (written: object, host: Host) =>
    lookAtMemory(
      targetOf("memory", { for: "0s", ...written }) as Target<Parameters<typeof lookAtMemory>[0]["spec"]>,
      context(),
      host,
    ),
  cpu: (written: object, host: Host) =>
    lookAtCpu(
      targetOf("cpu", { for: "0s", ...written }) as Target<Parameters<typeof lookAtCpu>[0]["spec"]>,
      context(),
      host,
    ),
};

const pressure = (line: string, avg10: number, avg60: number): string =>
  calm.replace(
    `${line} avg10=0.00 avg60=0.00`,
    `${line} avg10=${avg10.toFixed(2)} avg60=${avg60.toFixed(2)}`,
  );

test("memory counts what is available, not what is free", () => {
  const host = machine();
  expect(look.memory({}, host)).toMatchObject({
    status: "ok",
    message: "60% used, 410 MB available, stood still 0% of 10 s, 0% of 60 s",
    metrics: { usedShare: 0.6, available: 409_600_000, pressure: 0 },
  });
  const seen = look.memory({ used: "60%" }, host);
  expect(seen.findings).toMatchObject([{ symptom: "memory.high", severity: "critical", fact: false }]);
  expect(seen.message).toMatch(
    /^60% used, .* \(from 60% used on it is high; for 0 ms, a fault after 0 ms\)$/,
  );
  const { evidence } = seen.findings[0] ?? {};
  expect(evidence).toMatchObject({ total: 1_024_000_000, available: 409_600_000 });
  expect(evidence?.largest).toHaveLength(5);
});

test("pressure counts when both of its averages are high", () => {
  const at = (avg10: number, avg60: number) =>
    look.memory({}, machine({ "proc/pressure/memory": pressure("full", avg10, avg60) })).status;
  expect([at(40, 0.5), at(0.5, 40), at(40, 10), at(9.9, 40)]).toEqual(["ok", "ok", "critical", "ok"]);
  const some = machine({ "proc/pressure/memory": pressure("some", 90, 90) });
  expect(look.memory({}, some).status).toBe("ok");
});

test("a kernel without PSI is said; a pressure that was asked for cannot be told then", () => {
  const host = machine();
  rmSync(join(host.proc, "pressure"), { recursive: true });
  expect(look.memory({}, host).message).toContain("pressure not known: the kernel has no PSI");
  expect(look.cpu({}, host).message).toContain("pressure not known: the kernel has no PSI");
  expect(look.memory({ pressure: "10%" }, host)).toMatchObject({ status: "unknown", findings: [] });
  expect(look.cpu({ pressure: "10%" }, host).message).toContain("/proc/pressure/cpu");
  expect(look.memory({ pressure: "10%", used: "50%" }, host).status).toBe("critical");
});

test("what cannot be read is unknown and named", () => {
  const host = machine({ "proc/meminfo": "MemTotal: 1 kB\nMemFree: 1 kB\n", "proc/loadavg": "" });
  expect(look.memory({}, host)).toMatchObject({ status: "unknown" });
  expect(look.memory({}, host).message).toContain("MemAvailable");
  expect(look.cpu({}, host).message).toContain("loadavg");
});

test("a control group's limit counts when it leaves less room, and what it caches is as good as free", () => {
  const group = {
    "group/own/memory.max": "max\n",
    "group/own/memory.current": "900\n",
    "group/memory.max": "200000000\n",
    "group/memory.current": "190000000\n",
    "group/memory.stat": "anon 1\ninactive_file 90000000\nactive_file 5\n",
  };
  const groups = ["group/own", "group"];
  expect(look.memory({}, machine(group, groups)).message).toContain("60% used, 410 MB available");
  const tight = machine({ ...group, "group/memory.stat": "inactive_file 0\n" }, groups);
  expect(look.memory({}, tight)).toMatchObject({ status: "critical", metrics: { usedShare: 0.95 } });
  expect(look.memory({}, tight).message).toContain("95% of the control group's 200 MB used, 10 MB available");
  const stalled = machine({ ...group, "group/memory.pressure": pressure("full", 30, 30) }, groups);
  expect(look.memory({}, stalled).status).toBe("critical");
  expect(
    look.memory({}, machine({ ...group, "group/own/memory.pressure": pressure("full", 30, 30) }, groups))
      .status,
  ).toBe("ok");
});

test("groups of version 1 count as well, and their number for no limit is none", () => {
  const files = (limit: string, cached: string) => ({
    "group/memory.limit_in_bytes": `${limit}\n`,
    "group/memory.usage_in_bytes": "190000000\n",
    "group/memory.stat": `inactive_file 3\ntotal_inactive_file ${cached}\n`,
  });
  const seen = look.memory({}, machine(files("200000000", "10000000"), ["group"]));
  expect(seen.message).toContain("90% of the control group's 200 MB used, 20 MB available");
  expect(seen.status).toBe("critical");
  const none = machine(files("9223372036854771712", "0"), ["group"]);
  expect(look.memory({}, none).message).toContain("60% used, 410 MB available");
});

test("in a control group of this very machine its limit is what counts", async ({ skip }) => {
  const group = limitedGroup(800_000_000) ?? skip();
  const from = (name: string) => JSON.stringify(new URL(`../../src/system/${name}.ts`, import.meta.url).href);
  const program = `
    const { memoryLimits } = await import(${from("group-limits")});
    const { thisHost } = await import(${from("host")});
    console.log(JSON.stringify(memoryLimits(thisHost())));`;
  const inGroup = 'echo $$ >"$0/cgroup.procs" && exec "$@"';
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
  const { stdout } = await execa("sh", ["-c", inGroup, group, ...node]);
  const limits: { group: string; total: number; available: number }[] = JSON.parse(stdout);
  // The kernel counts in pages.
  const own = limits.find(({ total }) => Math.abs(total - 800_000_000) < 65_536);
  // A Node has some tens of megabytes of its own.
  expect(own?.available).toBeGreaterThan(400_000_000);
  expect(own?.available).toBeLessThan(790_000_000);
});

test("the load is that of a processor, and a high one is a warning that names who runs", () => {
  const host = machine();
  expect(look.cpu({}, host)).toMatchObject({
    status: "ok",
    message: "load 3 on 2 processors, some work waited 0% of 10 s, 0% of 60 s",
    metrics: { load: 3, loadPerProcessor: 1.5, pressure: 0 },
  });
  const seen = look.cpu({ load: 1.5 }, host);
  expect(seen).toMatchObject({ status: "warning", findings: [{ symptom: "cpu.high", fact: false }] });
  // At least this test itself runs.
  expect(seen.findings[0]?.evidence).toMatchObject({ loads: [3, 2, 1], processors: 2 });
  expect(seen.findings[0]?.evidence.running).not.toEqual([]);
  const many = machine({ "sys/devices/system/cpu/online": "0-3,8,10-11\n" });
  expect(look.cpu({}, many).message).toContain("on 7 processors");
});

test("a group whose processors are limited has a pressure of its own", () => {
  const files = { "group/cpu.pressure": pressure("some", 95, 95) };
  const limited = machine({ ...files, "group/cpu.max": "50000 100000\n" }, ["group"]);
  expect(look.cpu({}, limited)).toMatchObject({ status: "warning", metrics: { pressure: 0.95 } });
  expect(look.cpu({}, machine({ ...files, "group/cpu.max": "max 100000\n" }, ["group"])).status).toBe("ok");
});

test("it is a fault only when it has lasted, by the monotonic clock; an end of it starts anew", () => {
  const memory = createMemories()("it");
  expect([10, 20, 70_010].map((now) => lastedFor("so", memory, now))).toEqual([0, 10, 70_000]);
  expect(lastedFor("not so", memory, 70_020)).toBe(0);
  expect(lastedFor("so", memory, 70_030)).toBe(0);
  const seen = look.memory({ used: "10%", for: "1m" }, machine());
  expect(seen).toMatchObject({ status: "ok", findings: [] });
  expect(seen.message).toMatch(/from 10% used on it is high; for \d+ ms, a fault after 1m\)$/);
});

test("this very machine tells, and the examples find what they are for", async () => {
  const real = readMemory(thisHost());
  expect(real?.available).toBeGreaterThan(0);
  expect(real?.available).toBeLessThan(real?.total ?? 0);
  const eye = makeEye();
  const env = { MEMORY_USED: "0%", MEMORY_FOR: "0s", CPU_LOAD: "0.000001", CPU_FOR: "0s" };
  expect(await eye(await exampleTarget("memory", env))).toMatchObject({
    findings: [{ symptom: "memory.high" }],
  });
  const seen = await eye(await exampleTarget("cpu", env));
  expect(["ok", "warning"]).toContain(seen.status);
  expect(seen.metrics.load).toBeGreaterThanOrEqual(0);
});
