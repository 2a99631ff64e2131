import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { followStream, lastEntryId, readAudit } from "../../src/store/audit-log.ts";
import { nodeKeys, sharedKeys } from "../../src/store/keys.ts";
import { announceTargets, beat, leave, nodeGoneAfter, readNodes } from "../../src/store/nodes.ts";
import { readPauses, removePause, writePause } from "../../src/store/pauses.ts";
import { createFleetReader } from "../../src/store/reader.ts";
import { createRedisStore } from "../../src/store/redis-store.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { noteOf, plainly } from "./rig.ts";

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = server.connect();
});
afterAll(() => server.stop());
beforeEach(() => redis.flushall());

const storeOf = (node: string) => createRedisStore({ redis, node, redact: plainly });
const heartbeat = (node: string, seenAt: number) => ({
  node,
  pid: 1,
  host: "h",
  version: "1",
  startedAt: 0,
  seenAt,
});

test("the audit of several nodes is merged by time, filtered, and cut to the newest", async () => {
  for (let at = 1; at <= 6; at += 1)
    await storeOf(at % 2 === 0 ? "a" : "b").note([noteOf(`${at}`, { at, target: at < 5 ? "it" : "other" })]);
  await redis.xadd(nodeKeys("a").audit, "*", "e", "garbage");
  await redis.xadd(nodeKeys("a").audit, "*", "x", '{"at":1}');
  const read = async (query: Parameters<typeof readAudit>[2]) =>
    (await readAudit(redis, ["a", "b", "nobody"], query)).map(({ reason }) => reason).join("");
  expect(await read({ limit: 100 })).toBe("123456");
  expect(await read({ limit: 2 })).toBe("56");
  expect(await read({ limit: 2, targets: ["it"] })).toBe("34");
  expect(await read({ limit: 100, since: 3 })).toBe("3456");
  expect(await read({ limit: 100, targets: ["nothing"] })).toBe("");
});

test("more entries than fit one page are found", async () => {
  const rare = noteOf("rare", { target: "rare" });
  await storeOf("a").note([rare]);
  await storeOf("a").note(Array.from({ length: 1_200 }, (_, n) => noteOf(`${n}`)));
  expect(await readAudit(redis, ["a"], { limit: 1, targets: ["rare"] })).toMatchObject([rare]);
  expect(await readAudit(redis, ["a"], { limit: 1_101 })).toHaveLength(1_101);
});

test("who follows the audit gets each new entry once, in order, and nothing from before", async () => {
  await storeOf("a").note([noteOf("before")]);
  const after = await lastEntryId(redis, "a");
  const stop = new AbortController();
  const heard: string[] = [];
  const following = (async () => {
    for await (const { reason } of followStream(server.connect(), {
      node: "a",
      after,
      signal: stop.signal,
    })) {
      heard.push(reason);
      if (reason === "last") stop.abort();
    }
  })();
  for (const reason of ["1", "2", "3"]) await storeOf("a").note([noteOf(reason)]);
  await redis.xadd(nodeKeys("a").audit, "*", "e", "garbage");
  await storeOf("a").note([noteOf("4"), noteOf("last")]);
  await following;
  expect(heard).toEqual(["1", "2", "3", "4", "last"]);
});

test("the fleet is followed on all its nodes until nobody listens any more", async () => {
  for (const node of ["a", "b"]) await announceTargets(redis, node, [{ id: "it", kind: "file", tries: 1 }]);
  const reader = createFleetReader({
    redis,
    node: "a",
    clock: { now: () => 0 },
    duplicate: () => server.connect(),
  });
  const stop = new AbortController();
  const heard = new Set<string>();
  let n = 0;
  const talk = setInterval(() => {
    n += 1;
    for (const node of ["a", "b"])
      storeOf(node).note([noteOf(`${node}${n}`, { target: "it" }), noteOf("x", { target: "x" })]);
  }, 20);
  for await (const { node, target } of reader.follow({ targets: ["it"] }, stop.signal)) {
    expect(target).toBe("it");
    heard.add(node);
    if (heard.size === 2) stop.abort();
  }
  clearInterval(talk);
  expect([...heard].sort()).toEqual(["a", "b"]);
});

test("a pause holds until its time is over or it is taken back; an unreadable one holds too", async () => {
  const pause = { reason: "r", by: "ann", at: 1 };
  await writePause(redis, pause);
  await writePause(redis, { ...pause, target: "it", until: 100 });
  await redis.hset(sharedKeys.pauses, "odd", "garbage");
  const targets = async (now: number) =>
    (await readPauses(redis, now)).map(({ target }) => target ?? "*").sort();
  expect(await targets(99)).toEqual(["*", "it", "odd"]);
  expect(await targets(100)).toEqual(["*", "odd"]);
  expect(await removePause(redis, "odd")).toBe(true);
  expect(await removePause(redis, undefined)).toBe(true);
  expect(await removePause(redis, undefined)).toBe(false);
  expect(await targets(100)).toEqual([]);
});

test("a node lives while its heartbeat is fresh, and is gone at once when it leaves; garbage is no node that lives", async () => {
  const target = { id: "it", kind: "file", tries: 3 };
  await announceTargets(redis, "a", [target]);
  expect(await beat(redis, heartbeat("a", 10_000))).toBe(true);
  expect(await beat(redis, heartbeat("a", 10_000))).toBe(false);
  await redis.hset(sharedKeys.nodes, "evil", '{"node":5}');
  await redis.hset(sharedKeys.targets, "evil", "[{}]");
  const nodes = async (now: number) =>
    (await readNodes(redis, now)).map(({ node, alive, targets }) => [node, alive, targets.length]).sort();
  expect(await nodes(10_000 + nodeGoneAfter - 1)).toEqual([
    ["a", true, 1],
    ["evil", false, 0],
  ]);
  expect(await nodes(10_000 + nodeGoneAfter)).toEqual([
    ["a", false, 1],
    ["evil", false, 0],
  ]);
  await leave(redis, "a");
  expect(await nodes(10_000)).toEqual([
    ["a", false, 1],
    ["evil", false, 0],
  ]);
});

test("what is read of a fleet survives garbage in each of its keys", async () => {
  await announceTargets(redis, "a", [{ id: "it", kind: "file", tries: 1 }]);
  const { state, look, incidents } = nodeKeys("a");
  await redis.hset(state, "it", "garbage");
  await redis.hset(look, "it", "garbage");
  await redis.hset(incidents, "i", '{"id":1}');
  const reader = createFleetReader({
    redis,
    node: "a",
    clock: { now: () => 0 },
    duplicate: () => server.connect(),
  });
  expect(await reader.targets()).toEqual([{ id: "it", kind: "file", node: "a" }]);
  expect(await reader.incidents({})).toEqual([]);
  expect(await reader.incident("i")).toBeUndefined();
});
