import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { openLedger } from "../../src/system/ledger.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { readProcesses } from "../../src/system/read-processes.ts";
import { run } from "../support/child.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

/** A command line that nobody else on the machine has. */
const uniqueSleep = (): string => `6${Math.floor(Math.random() * 1e9)}`;

/** A stateDir in which copies of `it` can be written down as started, and something that looks at them. */
function stage(written: object = {}) {
  const base = scratch();
  for (const folder of ["pids", "intent"]) mkdirSync(join(base, folder), { recursive: true });
  const ledger = openLedger(base);
  const seconds = uniqueSleep();
  const begin = (name: string, args = [seconds]) => {
    const child = run(["sleep", ...args]);
    const identity = identityOf(child.pid);
    if (identity === undefined) throw new Error("sleep is gone");
    // Settled long ago: what a fresh copy is not told of.
    ledger.writeRecord(name, { identity, startedAt: Date.now() - 20 });
    return child;
  };
  const eye = makeEye(readProcesses(base));
  const fields = { run: ["sleep", seconds], startGrace: "0s", stableFor: "0s", instances: 3, ...written };
  const target = targetOf("process", fields, { base });
  const settled = { ...target, policy: { ...target.policy, probation: 0 } };
  return { ledger, begin, seconds, look: () => eye(settled) };
}

test("all copies together are one target: well when all run, a warning when some do, critical when none does", async () => {
  const { begin, look } = stage();
  expect(await look()).toMatchObject({ status: "critical", message: "not running" });
  const [one, two, three] = ["it", "it@2", "it@3"].map((name) => begin(name));
  expect(await look()).toMatchObject({
    status: "ok",
    message: "3 running",
    verified: true,
    pid: one?.pid,
    metrics: { instances: 3 },
  });
  two?.kill("SIGKILL");
  await until(async () => (await look()).status === "warning", { what: "one is missing" });
  const seen = await look();
  expect(seen.message).toMatch(/^2 of 3 run: copy 2 dead: /);
  expect(seen.findings).toMatchObject([
    { symptom: "process.dead", severity: "warning", fact: true, evidence: { copies: [2] } },
  ]);
  expect(seen.verified).toBe(false);
  one?.kill("SIGKILL");
  three?.kill("SIGKILL");
  await until(async () => (await look()).status === "critical", { what: "none runs" });
});

test("a copy that hangs is named, and a health address is asked once for all", async () => {
  let asked = 0;
  const server = await serve((_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  const { begin, look } = stage({ health: server.url, stableFor: undefined });
  const copies = ["it", "it@2", "it@3"].map((name) => begin(name));
  copies[2]?.kill("SIGSTOP");
  await until(async () => (await look()).findings.length === 2, { what: "both are found" });
  asked = 0;
  const { findings } = await look();
  expect(asked).toBe(1);
  expect(findings.map(({ symptom, evidence }) => [symptom, evidence.copies])).toEqual([
    ["process.hung", [3]],
    ["process.unhealthy", undefined],
  ]);
});

test("the same program that somebody else started is told of, but not its own children nor another command line", async () => {
  const { begin, look, seconds } = stage({ instances: 1 });
  begin("it");
  run(["sleep", uniqueSleep()]);
  expect(await look()).toMatchObject({ status: "ok" });
  const stranger = run(["sleep", seconds]);
  await until(async () => (await look()).status === "warning", { what: "the stranger is seen" });
  const seen = await look();
  expect(seen.findings).toMatchObject([
    { symptom: "process.duplicate", fact: false, evidence: { strangers: [stranger.pid] } },
  ]);
  expect(seen.message).toContain(`pid ${stranger.pid}`);
});

test("of processes that are found as many must match as `instances` says", async () => {
  const seconds = uniqueSleep();
  const user = process.geteuid?.() === 0 ? { user: "root" } : {};
  const target = targetOf("process", {
    match: `^sleep ${seconds}$`,
    instances: 2,
    startGrace: "0s",
    stableFor: "0s",
    ...user,
  });
  const look = makeEye();
  run(["sleep", seconds]);
  await until(async () => (await look(target)).message === `1 processes match /^sleep ${seconds}$/, not 2`);
  expect((await look(target)).findings).toMatchObject([{ symptom: "process.dead", fact: true }]);
  run(["sleep", seconds]);
  await until(async () => (await look(target)).status === "ok");
  run(["sleep", seconds]);
  await until(async () => (await look(target)).findings[0]?.symptom === "process.duplicate");
});

test("with instances a duplicate is not restarted by default, and they count only where there is something to count", () => {
  const kind = kindOf("process");
  const ladder = kind?.defaultLadder(kind.schema.parse({ run: ["x"], instances: 2 }));
  expect(ladder).toEqual({ any: ["restart"], "process.duplicate": [] });
  const problems = (written: object) =>
    kind?.problems?.(kind.schema.parse({ instances: 2, ...written })).map(({ path }) => path.join("."));
  expect(problems({ port: 80 })).toEqual(["instances"]);
  expect(problems({ run: ["x"], match: "x", user: "root" })).toEqual(["instances"]);
  expect(problems({ run: ["x"] })).toEqual([]);
});
