import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import type { Heard } from "../../src/model/ports.ts";
import { loadExample } from "../support/example.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";

const minute = 60_000;

/** One look at a program that must call every five minutes, with a minute of grace. */
async function look(heard: Partial<Heard>, written: object = { period: "5m", grace: "1m" }) {
  const calls = { heard: async () => ({ waitedFor: 60 * minute, listeningFor: 60 * minute, ...heard }) };
  return makeEye(noProcesses, { calls })(targetOf("heartbeat", written, { id: "backup" }));
}

test("a call within period and grace is ok, a later one is late by how much", async () => {
  expect(await look({ lastAgo: 6 * minute })).toMatchObject({
    status: "ok",
    message: "called 6m ago",
    metrics: { ageMs: 6 * minute },
  });
  const late = await look({ lastAgo: 6 * minute + 1 });
  expect(late).toMatchObject({ status: "critical", message: "no call for 6m (every 5m, grace 1m)" });
  expect(late.findings).toMatchObject([
    {
      symptom: "heartbeat.late",
      fact: false,
      evidence: { lastCall: expect.stringMatching(/^20/), overdueMs: 1 },
    },
  ]);
});

test("who has never called has one period and the grace, is not taken for proved, and is told where to call", async () => {
  const waiting = await look({ waitedFor: 2 * minute });
  expect(waiting).toMatchObject({ status: "ok", verified: false, verifyWithin: 6 * minute });
  expect(waiting.message).toBe("no call yet, due within 4m; `healq ping backup --url` shows where to");
  const late = await look({ waitedFor: 7 * minute });
  expect(late).toMatchObject({ status: "critical", message: "no call yet in 7m (every 5m, grace 1m)" });
  expect(late.findings).toMatchObject([{ evidence: { lastCall: null } }]);
});

test("after healq was away a missed call is waited for once more, for ten minutes at most, and meanwhile it is unknown", async () => {
  const status = async (heard: Partial<Heard>, written?: object) => (await look(heard, written)).status;
  expect(await look({ lastAgo: 30 * minute, listeningFor: minute })).toMatchObject({
    status: "unknown",
    findings: [],
    message: "no call for 30m (every 5m, grace 1m), but healq itself was away until 1m ago",
  });
  expect(await status({ lastAgo: 30 * minute, listeningFor: 6 * minute })).toBe("critical");
  const daily = { period: "24h" };
  expect(await status({ lastAgo: 30 * 60 * minute, listeningFor: 9 * minute }, daily)).toBe("unknown");
  expect(await status({ lastAgo: 30 * 60 * minute, listeningFor: 10 * minute }, daily)).toBe("critical");
  expect(await status({ lastAgo: minute, listeningFor: 0 }, daily)).toBe("ok");
});

test("without Redis, or when it does not answer, it is unknown and says so", async () => {
  const target = targetOf("heartbeat", { period: "5m" });
  expect(await makeEye()(target)).toMatchObject({
    status: "unknown",
    message: "no call can be known of without Redis",
  });
  const calls = { heard: () => Promise.reject(new Error("Redis is away")) };
  expect((await makeEye(noProcesses, { calls })(target)).message).toBe(
    "it cannot be told when the last call came: Redis is away",
  );
});

test("keys that could be guessed and periods that are none are refused", () => {
  const fits = (written: object) => kindOf("heartbeat")?.schema.safeParse(written).success;
  expect(fits({ period: "1s", key: "0123456789abcdef" })).toBe(true);
  expect(fits({ period: "1s", key: "short" })).toBe(false);
  expect(fits({ period: "1s", key: "with spaces in between" })).toBe(false);
  expect(fits({ period: "900ms" })).toBe(false);
  expect(fits({})).toBe(false);
});

test("the example: alert only, or the target that runs the program", async () => {
  const { targets } = await loadExample("heartbeat", {});
  expect(targets.get("backup")).toMatchObject({ spec: { period: 24 * 60 * minute }, ladders: { any: [] } });
  expect(targets.get("importer-calls")?.ladders.any).toMatchObject([{ remedy: "target" }]);
});
