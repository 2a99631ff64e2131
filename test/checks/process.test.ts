import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Observation } from "../../src/model/observation.ts";
import type { ExitInfo } from "../../src/model/process.ts";
import { openLedger, type PidRecord } from "../../src/system/ledger.ts";
import { identityOf, isAlive, readStat } from "../../src/system/procfs.ts";
import { readProcesses } from "../../src/system/read-processes.ts";
import { run } from "../support/child.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

/** A stateDir in which target `it` was started as this record says, and something that looks at it. */
function stage(record: PidRecord | undefined) {
  const base = scratch();
  mkdirSync(join(base, "pids"), { recursive: true });
  mkdirSync(join(base, "intent"), { recursive: true });
  const ledger = openLedger(base);
  if (record !== undefined) ledger.writeRecord("it", record);
  const eye = makeEye(readProcesses(base));
  const look = (written: object = {}, more: { timeout?: number } = {}): Promise<Observation> =>
    eye(targetOf("process", { run: ["sleep", "300"], startGrace: "0s", ...written }, { base, ...more }));
  return { base, ledger, look };
}

/** A sleeper that runs, as healq would have written it down. */
function running(): PidRecord & { pid: number } {
  const { pid } = run(["sleep", "300"]);
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error("sleep is gone");
  // File times lag behind the clock by up to a tick of the kernel (10 ms): what a test writes next must be newer.
  return { identity, startedAt: Date.now() - 20, pid };
}

/** One that ran, and is gone. */
async function ended(exit?: Partial<ExitInfo>): Promise<PidRecord> {
  const child = run(["sleep", "300"]);
  const identity = identityOf(child.pid);
  child.kill("SIGKILL");
  await until(() => child.signalCode, { what: "sleep ends" });
  const record: PidRecord = { startedAt: Date.now() - 60_000, ...(identity && { identity }) };
  return exit === undefined
    ? record
    : { ...record, exit: { code: null, signal: null, unknown: false, at: Date.now(), ...exit } };
}

test("a process that was never started is dead, as a fact", async () => {
  const seen = await stage(undefined).look();
  expect(seen).toMatchObject({
    status: "critical",
    message: "not running",
    findings: [{ symptom: "process.dead", fact: true }],
  });
  expect(seen.pid).toBeUndefined();
});

test("a living process is verified once it has been alive for stableFor, and shows pid, memory and time", async () => {
  const record = running();
  const { look } = stage(record);
  expect(await look({ stableFor: "1h", startGrace: "1h" })).toMatchObject({
    status: "unknown",
    state: "starting",
    verified: false,
  });
  const seen = await until(async () => {
    const seen = await look({ stableFor: "100ms" });
    return seen.verified === true ? seen : undefined;
  });
  expect(seen).toMatchObject({ status: "ok", state: "running", message: "running", pid: record.pid });
  expect(seen.metrics.rss).toBeGreaterThan(100_000);
  expect(Object.keys(seen.metrics).sort()).toEqual(["cpu", "rss", "uptime"]);
});

test("another process on the old pid is not taken for it", async () => {
  const { identity } = running();
  if (identity === undefined) throw new Error("no identity");
  expect((await stage({ identity: { ...identity, startTime: identity.startTime - 1 } }).look()).status).toBe(
    "critical",
  );
  expect((await stage({ identity: { ...identity, bootId: "another boot" } }).look()).status).toBe("critical");
});

test("a death says how it came about", async () => {
  const judge = async (record: PidRecord, written?: object) => {
    const { status, state, message } = await stage(record).look(written);
    return `${status} ${state}: ${message}`;
  };
  expect(await judge(await ended({ signal: "SIGKILL" }))).toBe("critical crashed: dead: killed by SIGKILL");
  expect(await judge(await ended({ code: 3 }))).toBe("critical crashed: dead: exited with code 3");
  expect(await judge(await ended({ code: 0 }))).toBe(
    "critical crashed: dead: exited with code 0; if it may end, give it `restart: on-failure`",
  );
  expect(await judge(await ended({ unknown: true }), { restart: "on-failure" })).toBe(
    "critical crashed: dead: exit unknown",
  );
  expect(await judge({ startError: "command not found: foo" })).toBe(
    "critical failed: did not start: command not found: foo",
  );
  expect(await judge({ ...(await ended({ code: 0 })), stoppedByPerson: true })).toBe(
    "critical stopped: stopped by a person",
  );
  expect(await judge({ ...(await ended({ code: 0 })), backgrounded: true })).toMatch(
    /run it in the foreground/,
  );
});

test("a program that may end and ended well is ok; a failure is not", async () => {
  const wanted = { restart: "on-failure", exitCodes: [0, 4] };
  expect(await stage(await ended({ code: 4 })).look(wanted)).toMatchObject({
    status: "ok",
    state: "exited",
    message: "finished with code 4",
  });
  expect(await stage(await ended({ code: 1 })).look(wanted)).toMatchObject({
    status: "critical",
    state: "crashed",
  });
  expect(await stage(await ended({ code: 0 })).look({ restart: "never" })).toMatchObject({
    status: "ok",
    state: "exited",
  });
});

test("a program that may end and was stopped for a restart that was called off has not finished", async () => {
  const record = { ...(await ended({ code: 0 })), calledOff: true };
  expect(await stage(record).look({ restart: "on-failure" })).toMatchObject({
    status: "critical",
    message: "stopped for a restart that was called off",
  });
});

test("a program that may end is not dead before its exit is written down, but is when nobody writes it", async () => {
  const { look } = stage(await ended());
  expect(await look({ restart: "on-failure" })).toMatchObject({ status: "unknown", findings: [] });
  const seen = await until(async () => {
    const seen = await look({ restart: "on-failure" });
    return seen.status === "critical" ? seen : undefined;
  });
  expect(seen.message).toBe("dead: exit unknown");
  expect(await stage(await ended()).look()).toMatchObject({
    status: "critical",
    message: "dead: exit unknown",
  });
});

test("a process that waits for its needs is starting, not bad", async () => {
  const { ledger, look } = stage(undefined);
  ledger.writeIntent("it", { op: "start", stage: "waiting", waitsFor: "db is critical", at: Date.now() });
  expect(await look()).toMatchObject({
    status: "unknown",
    state: "starting",
    message: "waits for its needs: db is critical",
    verified: false,
  });
});

test("a stopped process is hung as a fact, but not within its grace", async () => {
  const record = running();
  process.kill(record.pid, "SIGSTOP");
  await until(() => readStat(record.pid)?.state === "T", { what: "it is stopped" });
  const { look } = stage(record);
  expect(await look()).toMatchObject({
    status: "critical",
    state: "unhealthy",
    findings: [{ symptom: "process.hung", fact: true }],
  });
  expect(await look({ startGrace: "1h" })).toMatchObject({
    status: "unknown",
    state: "starting",
    verified: false,
    findings: [],
  });
});

test("a zombie of healq's own is dead, its exit read while it can be; a found one is process.zombie", async () => {
  const base = scratch();
  const parent = run(["sh", "-c", "sh -c 'echo $$ > pid; exit 7' & exec sleep 300"], { cwd: base });
  const pidFile = join(base, "pid");
  const zombie = await until(
    () => {
      const identity = identityOf(Number(readFileSync(pidFile, "utf8")));
      return identity !== undefined && isAlive(identity) === "zombie" ? identity : undefined;
    },
    { what: "the child is a zombie" },
  );
  const own = await stage({ identity: zombie, startedAt: Date.now() }).look();
  expect(own).toMatchObject({
    status: "critical",
    message: "dead: exited with code 7",
    findings: [{ symptom: "process.dead", fact: true }],
  });
  expect(own.findings[0]?.evidence).toMatchObject({ zombie: zombie.pid, parent: parent.pid });
  const found = await makeEye()(targetOf("process", { pidFile }, { base }));
  expect(found).toMatchObject({ status: "critical", findings: [{ symptom: "process.zombie", fact: true }] });
  expect(found.message).toContain(`parent, pid ${parent.pid} (sleep),`);
});

test("a health address verifies by its answer, and is unhealthy when it fails or is silent", async () => {
  const { look } = stage(running());
  let status: number | undefined = 200;
  const { url, close } = await serve(
    (_, response) => void (status !== undefined && response.writeHead(status).end()),
  );
  const well = await look({ health: url });
  expect(well).toMatchObject({ status: "ok", state: "running", verified: true });
  expect(well.message).toMatch(/^running, answered in /);
  expect(well.metrics.latencyMs).toBeGreaterThan(0);
  status = 503;
  expect(await look({ health: url })).toMatchObject({
    status: "critical",
    state: "unhealthy",
    message: `alive, but ${url}/ answered 503, not 2xx`,
  });
  expect(await look({ health: { url, status: 503 } })).toMatchObject({ status: "ok" });
  status = undefined;
  const silent = await look({ health: { url, timeout: "100ms" } });
  expect(silent.findings).toMatchObject([
    { symptom: "process.unhealthy", fact: false, message: `alive, but ${url}/: no answer within 100 ms` },
  ]);
  expect((await look({ health: url }, { timeout: 300 })).findings).toMatchObject([
    { symptom: "process.unhealthy" },
  ]);
  await close();
  expect(await look({ health: url, startGrace: "1h" })).toMatchObject({
    status: "unknown",
    state: "starting",
    verified: false,
  });
});

test("an output is stale after maxAge, counted from the start at the earliest, and verifies by a write after the start", async () => {
  const record = running();
  const { base, look } = stage(record);
  const path = join(base, "out");
  const output = (maxAge: string) => ({ output: { path: "out", maxAge } });
  expect(await look(output("1h"))).toMatchObject({ status: "ok", verified: false });
  writeFileSync(path, "");
  utimesSync(path, 1_000, 1_000);
  expect(await look(output("1h"))).toMatchObject({ status: "ok", verified: false });
  const stale = await until(async () => {
    const seen = await look(output("50ms"));
    return seen.status === "critical" ? seen : undefined;
  });
  expect(stale.findings).toMatchObject([{ symptom: "process.hung", fact: false }]);
  expect(stale.message).toMatch(/^alive, but out has not been written for .* \(at most 50 ms\)$/);
  writeFileSync(path, "x");
  const well = await look(output("1h"));
  expect(well).toMatchObject({ status: "ok", verified: true, state: "running" });
  expect(well.message).toMatch(/^running, wrote out .* ago$/);
  utimesSync(path, Date.now() / 1_000 + 3_600, Date.now() / 1_000 + 3_600);
  expect(await look(output("1h"))).toMatchObject({
    status: "warning",
    findings: [{ symptom: "process.hung" }],
  });
});

test("all probes must have shown that it works", async () => {
  const { base, look } = stage(running());
  const { url } = await serve((_, response) => response.end());
  const written = { health: url, heartbeat: { path: "beat", maxAge: "1h" } };
  expect(await look(written)).toMatchObject({ status: "ok", verified: false });
  writeFileSync(join(base, "beat"), "");
  expect(await look(written)).toMatchObject({ status: "ok", verified: true });
});

test("a clock that was set since the start does not make the process young or its output stale", async () => {
  const record = running();
  const { look } = stage({ ...record, startedAt: Date.now() + 3_600_000 });
  const output = { path: "none", maxAge: "1h" };
  const young = await look({ output, startGrace: "1h" });
  expect(young).toMatchObject({ status: "unknown", state: "starting" });
  expect(young.metrics.uptime).toBeLessThan(30);
  await until(async () => (await look({ output, startGrace: "200ms" })).status === "ok", {
    what: "its grace ends",
  });
  const backwards = await stage({ ...record, startedAt: Date.now() - 7_200_000 }).look({
    output: { path: "none", maxAge: "1h" },
  });
  expect(backwards.status).toBe("ok");
});

test("processes are found by command line, pid file and port, and what is not found is named", async () => {
  const base = scratch();
  const eye = makeEye();
  const user = "root";
  const word = `wanted-${process.pid}`;
  const target = (written: object) => targetOf("process", written, { base });
  expect((await eye(target({ match: word, user }))).message).toBe(
    `not running: no process matches /${word}/`,
  );
  const { pid } = run(["sh", "-c", `exec sleep 300 # ${word}`]);
  run(["sh", "-c", `sleep 300; : ${word}`]);
  writeFileSync(join(base, "pid"), `${pid}\n`);
  await until(
    async () =>
      (await eye(target({ match: word, ...(process.geteuid?.() === 0 && { user }) }))).status === "ok",
    { what: "it is found" },
  );
  expect(await eye(target({ pidFile: "pid" }))).toMatchObject({ status: "ok", pid });
  expect((await eye(target({ pidFile: "none" }))).message).toBe("not running: none names no running process");
  writeFileSync(join(base, "rubbish"), "hello");
  expect(await eye(target({ pidFile: "rubbish" }))).toMatchObject({ status: "unknown" });
  const { port, close } = await serve(() => undefined);
  await close();
  expect((await eye(target({ port }))).message).toBe(`not running: nothing listens on port ${port}`);
});

test("the process that listens on a port is found, and its end is seen", async () => {
  const base = scratch();
  const script =
    'require("node:net").createServer().listen(0, "127.0.0.1", function () { require("node:fs").writeFileSync("port", String(this.address().port)); })';
  const child = run([process.execPath, "-e", script], { cwd: base });
  const port = await until(() => Number(readFileSync(join(base, "port"), "utf8")), { what: "it listens" });
  const eye = makeEye();
  const target = targetOf("process", { port, startGrace: "0s", stableFor: "0s" }, { base });
  expect(await eye(target)).toMatchObject({ status: "ok", pid: child.pid, verified: true });
  child.kill("SIGKILL");
  await until(() => child.signalCode, { what: "it ends" });
  expect(await eye(target)).toMatchObject({
    status: "critical",
    findings: [{ symptom: "process.dead", fact: true }],
  });
});
