import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { createKept } from "../../src/look/kept.ts";
import { createLooker } from "../../src/look/looker.ts";
import { createMemories } from "../../src/look/memories.ts";
import { curedNote } from "../../src/model/cured.ts";
import type { Observation } from "../../src/model/observation.ts";
import { noProcesses, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";

/** A log with somebody who looks at it; the clock is the test's. */
function watched(written: object = { preset: ["python", "node"] }, text = "") {
  const base = scratch();
  const path = join(base, "app.log");
  writeFileSync(path, text);
  const clock = { at: 1_000_000_000_000, now: () => clock.at };
  const target = targetOf("log", { path: "app.log", ...written }, { base });
  const opened = () => {
    const memoryOf = createMemories({ kept: createKept({ stateDir: join(base, "state"), access: "write" }) });
    const looker = createLooker({ kindOf, processes: noProcesses, clock, memoryOf });
    onTestFinished(() => looker.close());
    return { looker, memory: memoryOf("it") };
  };
  let healq = opened();
  return {
    path,
    clock,
    target,
    write: (more: string) => appendFileSync(path, more),
    cure: (symptom: string) => healq.memory.keep(curedNote, { at: clock.at, symptom }),
    restart: () => {
      healq.looker.close();
      healq = opened();
    },
    look: async (): Promise<Observation> => {
      const seen: Observation[] = [];
      await healq.looker.look([target], (one) => seen.push(one));
      if (seen[0] === undefined) throw new Error("it was skipped");
      return seen[0];
    },
    /** The symptoms that a look finds. */
    async found(): Promise<string[]> {
      return (await this.look()).findings.map(({ symptom }) => symptom.replace("log.", ""));
    },
  };
}

const gone = "ModuleNotFoundError: No module named 'yaml'\n";

test("it starts at the end, takes only whole lines, and tells what a line said", async () => {
  const log = watched(undefined, gone);
  expect(await log.look()).toMatchObject({ status: "ok", findings: [] });
  log.write("fine\nModuleNotFoundError: No mod");
  expect(await log.found()).toEqual([]);
  log.write("ule named 'yaml.nodes'\u001b[0m\n");
  expect(await log.look()).toMatchObject({
    status: "critical",
    message: "app.log: missing-module: ModuleNotFoundError: No module named 'yaml.nodes'",
    findings: [
      {
        symptom: "log.missing-module",
        fact: false,
        evidence: { captures: [{ python: "yaml.nodes" }], lines: 1 },
      },
    ],
  });
});

test.each([
  ["missing-module", "Error: Cannot find module 'lodash/fp'", { npm: "lodash" }],
  [
    "missing-module",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@a/b' imported from /x.mjs",
    { npm: "@a/b" },
  ],
  ["missing-module", "Error: Cannot find module './own.js'", undefined],
  [
    "missing-path",
    "FileNotFoundError: [Errno 2] No such file or directory: 'data/in.json'",
    { path: "data/in.json" },
  ],
  ["missing-path", "Error: ENOENT: no such file or directory, open '/srv/x y'", { path: "/srv/x y" }],
  ["connection", "ConnectionRefusedError: [Errno 111] Connection refused", undefined],
  ["connection", "Error: connect ECONNREFUSED 127.0.0.1:6379", undefined],
  ["timeout", "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='x')", undefined],
  ["timeout", "Error: connect ETIMEDOUT 10.0.0.1:80", undefined],
  ["out-of-memory", "MemoryError", undefined],
  [
    "out-of-memory",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    undefined,
  ],
  ["exit", "child exited with code 3", { code: "3" }],
  ["permission", "PermissionError: [Errno 13] Permission denied: '/etc/shadow'", { path: "/etc/shadow" }],
  ["permission", "Error: EACCES: permission denied, open '/etc/shadow'", { path: "/etc/shadow" }],
  ["port", "OSError: [Errno 98] Address already in use", undefined],
  ["port", "Error: listen EADDRINUSE: address already in use :::80", undefined],
  ["disk-full", "OSError: [Errno 28] No space left on device", undefined],
  ["disk-full", "Error: ENOSPC: no space left on device, write", undefined],
])("the presets know %s: %s", async (name, line, captures) => {
  const log = watched();
  await log.look();
  log.write(`2026-01-01 ERROR ${line}\n`);
  const seen = await log.look();
  expect(seen.findings.map(({ symptom }) => symptom)).toEqual([`log.${name}`]);
  expect(seen.findings[0]?.evidence.captures).toEqual(captures && [captures]);
});

test("lines that only sound like a fault are none", async () => {
  const log = watched();
  await log.look();
  log.write(
    "GET http://localhost/ 200\nerror rate 0\nexited with code 0\ntimeout set to 30s\nconnection opened\n",
  );
  expect(await log.found()).toEqual([]);
});

test("a fault is over after quiet; after a cure it is at once, what came before it is forgiven, and settle verifies it", async () => {
  const log = watched({ preset: "python", quiet: "1m", settle: "5s" });
  await log.look();
  log.write(gone);
  expect(await log.found()).toEqual(["missing-module"]);
  log.clock.at += 59_000;
  expect(await log.found()).toEqual(["missing-module"]);
  log.clock.at += 1_000;
  expect(await log.found()).toEqual([]);

  log.write(`${gone}MemoryError\n`);
  expect(await log.found()).toEqual(["missing-module", "out-of-memory"]);
  log.write(gone);
  log.cure("log.missing-module");
  // Another fault is not cured by it.
  expect(await log.found()).toEqual(["out-of-memory"]);
  log.clock.at += 4_000;
  log.cure("log.out-of-memory");
  expect(await log.look()).toMatchObject({ status: "ok", verified: false, verifyWithin: 10_000 });
  log.clock.at += 5_000;
  expect((await log.look()).verified).toBeUndefined();
  log.write(gone);
  expect(await log.found()).toEqual(["missing-module"]);
});

test("an own pattern has its severity, and counts its lines within a time", async () => {
  const slow = {
    match: String.raw`order (?<order>\d+) rejected`,
    severity: "warning",
    count: 3,
    within: "10s",
  };
  const log = watched({ patterns: { slow } });
  await log.look();
  log.write("order 1 rejected\norder 2 rejected\n");
  expect(await log.found()).toEqual([]);
  log.clock.at += 10_000;
  log.write("order 3 rejected\norder 4 rejected\n");
  expect(await log.found()).toEqual([]);
  log.write("order 5 rejected\n");
  expect(await log.look()).toMatchObject({
    status: "warning",
    findings: [{ symptom: "log.slow", evidence: { line: "order 5 rejected" } }],
  });
});

test("a renamed log is read to its end, then the new one; a truncated one, and one with another beginning, start anew", async () => {
  const log = watched({ preset: "python" }, "old\n");
  await log.look();
  log.write(gone);
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, "MemoryError\n");
  expect(await log.found()).toEqual(["missing-module", "out-of-memory"]);
  log.clock.at += 60_000;
  truncateSync(log.path);
  log.write("PermissionError\n".repeat(1));
  expect(await log.found()).toEqual(["permission"]);
  log.clock.at += 60_000;
  // Copied, truncated, and grown beyond the known place since.
  writeFileSync(log.path, `TimeoutError\n${"x".repeat(100)}\n`);
  expect(await log.found()).toEqual(["timeout"]);
});

test("lines written while healq was away are read, also of a log that was not there", async () => {
  const log = watched({ preset: "python" });
  await log.look();
  log.write(gone);
  log.restart();
  expect(await log.found()).toEqual(["missing-module"]);
  log.restart();
  expect(await log.found()).toEqual(["missing-module"]);
  renameSync(log.path, `${log.path}.away`);
  log.clock.at += 60_000;
  expect(await log.look()).toMatchObject({
    status: "unknown",
    message: expect.stringContaining("app.log is missing"),
  });
  writeFileSync(log.path, "MemoryError\n");
  expect(await log.found()).toEqual(["out-of-memory"]);
});

test("a line of 10 MB, rubbish, a burst and a hole of 1 GB hold up nothing, and lines after them are found", async () => {
  const log = watched({ preset: "python" });
  await log.look();
  log.write(`MemoryError ${"x".repeat(10_000_000)}`);
  const behind = await log.look();
  expect(behind.metrics.behind).toBeGreaterThan(5_000_000);
  expect(behind.findings).toMatchObject([{ symptom: "log.out-of-memory" }]);
  await log.look();
  await log.look();
  log.write(` MemoryError\n${gone}`);
  expect(await log.look()).toMatchObject({
    metrics: { behind: 0 },
    findings: [{ evidence: { captures: [{ python: "yaml" }] } }, { evidence: { lines: 1 } }],
  });

  log.clock.at += 60_000;
  appendFileSync(log.path, Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256)));
  log.write("\nPermissionError\n");
  expect(await log.found()).toEqual(["permission"]);

  log.clock.at += 60_000;
  truncateSync(log.path, 1_000_000_000);
  log.write("\nTimeoutError\n");
  const skipped = await log.look();
  expect(skipped.findings).toMatchObject([{ symptom: "log.timeout" }]);
  log.clock.at += 60_000;
  expect((await log.look()).message).toMatch(/left out, which was too much to catch up with$/);
});

test("a pattern that would take for ever on a line gives it up and says so; the event loop goes on, and other patterns too", async () => {
  const log = watched({ preset: "python", patterns: { evil: { match: "^(a+)+$" } } });
  await log.look();
  log.write(`${"a".repeat(60)}!\naaa\n${gone}`);
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  expect(await log.found()).toEqual(["evil", "missing-module"]);
  clearInterval(timer);
  expect(longest).toBeLessThan(3_000);
  log.clock.at += 60_000;
  expect((await log.look()).message).toContain("the pattern evil takes too long on some lines");
});

test("what cannot be meant is refused", () => {
  const kind = kindOf("log");
  const fields = (more: object) => kind?.schema.safeParse({ path: "a", preset: "node", ...more });
  expect(kind?.problems?.(kind.schema.parse({ path: "a" }))).toMatchObject([
    { message: expect.stringContaining("looks for nothing") },
  ]);
  expect(
    kind?.problems?.(kind.schema.parse({ path: "a", preset: "node", allow: { mkdir: ["/"] } })),
  ).toHaveLength(1);
  for (const python of [["--index-url=x"], ["a b"], { "a;b": "c" }, { a: "-r x" }, ["git+https://x/y"]])
    expect(fields({ allow: { install: { python } } })?.success, JSON.stringify(python)).toBe(false);
  for (const node of [["-g"], ["../x"], { a: "https://x/y.tgz" }, ["file:x"]])
    expect(fields({ allow: { install: { node } } })?.success, JSON.stringify(node)).toBe(false);
  expect(fields({ patterns: { A: { match: "x" } } })?.success).toBe(false);
  expect(fields({ patterns: { a: { match: "(" } } })?.success).toBe(false);
});
