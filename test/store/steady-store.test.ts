import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readAudit } from "../../src/store/audit-log.ts";
import { changeState } from "../../src/store/change.ts";
import { openJournal } from "../../src/store/journal.ts";
import { nodeKeys } from "../../src/store/keys.ts";
import { createRedisStore, type RedisStore } from "../../src/store/redis-store.ts";
import { createSteadyStore, type SteadyStore } from "../../src/store/steady-store.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { noteOf, plainly, stateWith } from "./rig.ts";

let server: TestRedis;
let reader: Redis;
beforeAll(async () => {
  server = await startRedis({ appendonly: true });
  reader = server.connect();
});
afterAll(() => server.stop());
beforeEach(() => reader.flushall());

const reasons = async () => (await readAudit(reader, ["n"], { limit: 1_000 })).map(({ reason }) => reason);

/** As the supervisor has it: a connection that fails fast, a journal on disk. */
function open(file: string, wrap: (redis: RedisStore) => RedisStore = (redis) => redis) {
  const redis = new Redis({
    path: server.socket,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 300,
    retryStrategy: () => 20,
  });
  redis.on("error", () => undefined);
  const journal = openJournal({ file, now: () => Date.now() });
  const steady = createSteadyStore({
    redis: wrap(createRedisStore({ redis, node: "n", redact: plainly })),
    journal,
  });
  const ready = () => until(() => redis.status === "ready", { within: 10_000, what: "connected" });
  return { redis, steady, ready };
}

/** Counts one more heal of `it`, and says so. */
const step = (steady: SteadyStore, n: number, beforeWrite: () => void = () => undefined) =>
  changeState(steady, "it", (state) => {
    beforeWrite();
    return { state: stateWith((state?.heals.ok ?? 0) + 1), notes: [noteOf(`step ${n}`)] };
  });

test("what is done while Redis is dead is remembered, and told once and in order when it is back", async () => {
  const { redis, steady, ready } = open(join(scratch(), "journal.jsonl"));
  await ready();
  await step(steady, 1);
  await server.kill();
  await until(() => redis.status !== "ready");
  await step(steady, 2);
  await steady.note([noteOf("a note")]);
  await step(steady, 3);
  expect(steady.away()).toBe(true);
  expect((await steady.read(["it"])).get("it")?.state).toEqual(stateWith(3));

  await server.restart();
  await ready();
  expect(steady.away()).toBe(true);
  expect(await Promise.all([steady.catchUp(), steady.catchUp()])).toEqual([3, 3]);
  await step(steady, 4);
  expect(await reasons()).toEqual(["step 1", "step 2", "a note", "step 3", "step 4"]);
  expect((await steady.read(["it"])).get("it")?.state).toEqual(stateWith(4));
  redis.disconnect();
});

test("what a stopped Redis does late, when it goes on, is told once all the same", async () => {
  const { redis, steady, ready } = open(join(scratch(), "journal.jsonl"));
  await ready();
  await step(steady, 1);
  const stopped = () => process.kill(server.pid, "SIGSTOP");
  // Both are sent and not answered: Redis does them when it goes on.
  await Promise.all([step(steady, 2, stopped), steady.note([noteOf("a note")])]);
  await step(steady, 3);
  expect(steady.away()).toBe(true);
  process.kill(server.pid, "SIGCONT");
  await until(async () => (await redis.ping()) === "PONG");
  await steady.catchUp();
  expect(await reasons()).toEqual(["step 1", "a note", "step 2", "step 3"]);
  expect((await steady.read(["it"])).get("it")?.state).toEqual(stateWith(3));
  redis.disconnect();
});

test("what a full Redis, or one whose keys somebody has overwritten, does not take is told when it does, once and whole", async () => {
  const { redis, steady, ready } = open(join(scratch(), "journal.jsonl"));
  const { state, told, audit, journal } = nodeKeys("n");
  await ready();
  await step(steady, 1);
  await reader.config("SET", "maxmemory", "1");
  await step(steady, 2);
  expect(steady.whyAway()).toMatch(/^Redis is full/);
  await expect(steady.catchUp()).rejects.toThrow(/^Redis is full/);
  await reader.config("SET", "maxmemory", "0");
  expect(await steady.catchUp()).toBe(1);

  let n = 2;
  for (const key of [state, told, audit, journal]) {
    await reader.rename(key, "kept");
    await (key === journal ? reader.rpush(key, "x") : reader.set(key, "x"));
    n += 1;
    await step(steady, n);
    // Also by a script that got as far as the overwritten key.
    if (key !== journal) expect(steady.away()).toBe(true);
    else await steady.note([noteOf("a note")]);
    if (steady.away()) await expect(steady.catchUp()).rejects.toThrow(`DEL '${key}'`);
    await reader.rename("kept", key);
    await steady.catchUp();
    expect((await steady.read(["it"])).get("it")?.state).toEqual(stateWith(n));
  }
  expect(await reasons()).toEqual(["step 1", "step 2", "step 3", "step 4", "step 5", "step 6", "a note"]);
  redis.disconnect();
});

test("a healq that starts beside a full Redis knows what Redis and the journal remember", async () => {
  const file = join(scratch(), "journal.jsonl");
  const first = open(file);
  await first.ready();
  await step(first.steady, 1);
  await reader.config("SET", "maxmemory", "1");
  await changeState(first.steady, "other", () => ({ state: stateWith(7), notes: [] }));
  first.redis.disconnect();
  const second = open(file);
  await second.ready();
  await second.steady.recall(["it", "other"]);
  await step(second.steady, 2);
  const known = await second.steady.read(["it", "other"]);
  expect([known.get("it")?.state, known.get("other")?.state]).toEqual([stateWith(2), stateWith(7)]);
  await reader.config("SET", "maxmemory", "0");
  await second.steady.catchUp();
  expect(await reasons()).toEqual(["step 1", "step 2"]);
  second.redis.disconnect();
});

test("a replay that is cut in the middle, twice, is gone on with by the next healq", async () => {
  const file = join(scratch(), "journal.jsonl");
  const failing =
    (after: number) =>
    (store: RedisStore): RedisStore => {
      let left = after;
      return {
        ...store,
        replay: (entry) => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error("cut")) : store.replay(entry);
        },
      };
    };
  const first = open(file, failing(2));
  await first.ready();
  await server.kill();
  await until(() => first.redis.status !== "ready");
  for (let n = 1; n <= 5; n += 1) await step(first.steady, n);
  await server.restart();
  await first.ready();
  await expect(first.steady.catchUp()).rejects.toThrow("cut");
  expect(first.steady.away()).toBe(true);
  first.redis.disconnect();

  const second = open(file, failing(4));
  await second.ready();
  await expect(second.steady.catchUp()).rejects.toThrow("cut");
  second.redis.disconnect();
  expect(await reasons()).toEqual(["step 1", "step 2", "step 3", "step 4"]);

  const third = open(file);
  await third.ready();
  expect(third.steady.away()).toBe(true);
  await third.steady.catchUp();
  expect(await reasons()).toEqual(["step 1", "step 2", "step 3", "step 4", "step 5"]);
  expect((await third.steady.read(["it"])).get("it")?.state).toEqual(stateWith(5));
  third.redis.disconnect();
});

test("a last line that a crash cut off is left out, and numbers never repeat, not even when the clock is set back", () => {
  const file = join(scratch(), "journal.jsonl");
  let now = 5_000;
  const journal = openJournal({ file, now: () => now });
  journal.append({ name: "a", notes: [noteOf("a")] });
  journal.clear();
  now = 1_000;
  for (const name of ["b", "c"]) journal.append({ name, notes: [noteOf(name)] });
  const [first, second] = journal.entries();
  expect([first?.number, second?.number]).toEqual([5_000_001, 5_000_002]);
  truncateSync(file, readFileSync(file).length - 10);
  expect(openJournal({ file, now: () => now }).entries()).toEqual([first]);
});
