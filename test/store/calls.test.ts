import { expect, onTestFinished, test } from "vitest";
import { openCalls } from "../../src/store/calls.ts";
import { sharedKeys } from "../../src/store/keys.ts";
import { startRedis } from "../support/redis.ts";

const hour = 3_600_000;

test("calls are kept in Redis by its own clock, are seen by any process, and outlive this one", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const redis = server.connect();
  let now = 0;
  const here = openCalls(redis, () => now);
  const elsewhere = openCalls(server.connect(), () => now);

  const first = await elsewhere.heard("backup");
  expect(first.lastAgo).toBeUndefined();
  expect(first.waitedFor).toBeLessThan(20_000);
  await here.record("backup");
  const [heard, other] = await Promise.all([elsewhere.heard("backup"), elsewhere.heard("other")]);
  expect(heard.lastAgo).toBeLessThan(20_000);
  expect(other.lastAgo).toBeUndefined();

  // An hour on, with a process that has just begun to listen.
  await redis.hincrby(sharedKeys.calls, "backup", -hour);
  await redis.hincrby(sharedKeys.callsAwaited, "backup", -2 * hour);
  now = 10 * hour;
  const later = await openCalls(redis, () => now).heard("backup");
  expect(Math.round((later.lastAgo ?? 0) / hour)).toBe(1);
  expect(Math.round(later.waitedFor / hour)).toBe(2);
  expect(later.listeningFor).toBe(0);
  expect((await here.heard("backup")).listeningFor).toBe(10 * hour);

  // A time from the future is one of now, and does not keep newer calls out.
  await redis.hset(sharedKeys.calls, "backup", String(Date.now() + hour));
  expect((await here.heard("backup")).lastAgo).toBe(0);
  expect((await here.heard("backup")).lastAgo).toBeLessThan(20_000);
});

test("a call that Redis does not take counts here, and is told with its age when Redis is back", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const redis = server.connect();
  let now = 0;
  const here = openCalls(redis, () => now);
  await redis.set(sharedKeys.calls, "somebody else's");
  await expect(here.record("backup")).rejects.toThrow(/WRONGTYPE/);
  now = 5_000;
  expect(await here.heard("backup")).toMatchObject({ lastAgo: 5_000 });
  await expect(here.heard("other")).rejects.toThrow(/WRONGTYPE/);
  await redis.del(sharedKeys.calls);
  now = 60_000;
  const told = await openCalls(server.connect(), () => now).heard("backup");
  expect(told.lastAgo).toBeUndefined();
  const { lastAgo = 0 } = await here.heard("backup");
  expect(lastAgo).toBeGreaterThanOrEqual(60_000);
  expect(lastAgo).toBeLessThan(80_000);
});
