import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LookRecord } from "../../src/model/fleet.ts";
import { initialState } from "../../src/policy/initial.ts";
import { readAudit } from "../../src/store/audit-log.ts";
import { changeState } from "../../src/store/change.ts";
import { nodeKeys } from "../../src/store/keys.ts";
import { readLook } from "../../src/store/look-text.ts";
import { createRedisStore } from "../../src/store/redis-store.ts";
import { StoreAway } from "../../src/store/target-store.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { changeTo, noteOf, plainly, stateWith } from "./rig.ts";

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = server.connect();
});
afterAll(() => server.stop());
beforeEach(() => redis.flushall());

const store = (redact = plainly) => createRedisStore({ redis, node: "n", redact });
const reasons = async () => (await readAudit(redis, ["n"], { limit: 1_000 })).map(({ reason }) => reason);

const look = (at: number, message: string): LookRecord => ({
  at,
  status: "ok",
  message,
  metrics: {},
  durationMs: 1,
  findings: [],
});

test("fifty who change one state at the same time all have their say, each once", async () => {
  const stores = Array.from({ length: 50 }, () =>
    createRedisStore({ redis: server.connect(), node: "n", redact: plainly }),
  );
  await Promise.all(
    stores.map((own, n) =>
      changeState(own, "it", (state = initialState(0)) => ({
        state: { ...state, heals: { ok: state.heals.ok + 1, failed: 0 } },
        notes: [noteOf(`${n}`)],
      })),
    ),
  );
  expect((await store().read(["it"])).get("it")?.state?.heals.ok).toBe(50);
  expect((await reasons()).map(Number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, n) => n),
  );
});

test("of two changes of one state only one is taken, with its notes and its incident", async () => {
  const incident = {
    id: "i1",
    target: "it",
    node: "n",
    symptom: "s",
    severity: "critical",
    reason: "r",
    state: "open",
    openedAt: 5,
  } as const;
  expect(await store().commit(changeTo(1, { incident }))).toBe(true);
  expect(await store().commit(changeTo(2, { incident: { ...incident, id: "i2" } }))).toBe(false);
  expect((await store().read(["it"])).get("it")?.state).toEqual(stateWith(1));
  expect(await reasons()).toEqual(["now 1"]);
  expect(await store().incident("i1")).toEqual(incident);
  expect(await store().incident("i2")).toBeUndefined();
});

test("a change or a note that is sent twice, because its answer was lost, is written once", async () => {
  const first = changeTo(1);
  expect(await store().commit(first)).toBe(true);
  expect(await store().commit(first)).toBe(true);
  expect(await store().commit(changeTo(2, { before: first.after.raw }))).toBe(true);
  expect(await store().commit(first)).toBe(true);
  expect((await store().read(["it"])).get("it")?.state).toEqual(stateWith(2));
  await store().noteOnce("a", [noteOf("a1"), noteOf("a2")]);
  await store().noteOnce("a", [noteOf("a1"), noteOf("a2")]);
  expect(await reasons()).toEqual(["now 1", "now 2", "a1", "a2"]);
});

test("a change under a name of its own is made once, also when a crash has it made again from the newest state", async () => {
  const own = store();
  const heal = (name: string) =>
    changeState(own, "it", (state = initialState(0)) => ({
      name,
      state: { ...state, heals: { ok: state.heals.ok + 1, failed: 0 } },
      notes: [noteOf(name)],
    }));
  await heal("healed.1");
  await heal("healed.1");
  await heal("healed.2");
  await heal("healed.1");
  expect((await own.read(["it"])).get("it")?.state?.heals.ok).toBe(2);
  expect(await reasons()).toEqual(["healed.1", "healed.2"]);
});

test("a look that is older than the stored one is dropped; one from the future gives way", async () => {
  const now = Date.now();
  const kept = async () => readLook((await redis.hget(nodeKeys("n").look, "it")) ?? "")?.message;
  expect(await store().keepLooks([{ target: "it", look: look(now - 5, "newer") }])).toMatchObject({
    dropped: [],
  });
  const both = [
    { target: "it", look: look(now - 10, "older") },
    { target: "other", look: look(now - 10, "other") },
  ];
  expect(await store().keepLooks(both)).toMatchObject({ dropped: ["it"] });
  expect(await kept()).toBe("newer");
  await redis.hset(nodeKeys("n").look, "it", `9${"0".repeat(14)}{}`);
  expect(await store().keepLooks([{ target: "it", look: look(now, "now") }])).toMatchObject({ dropped: [] });
  expect(await kept()).toBe("now");
});

test("an entry of the journal is replayed once and in order, also when the replay is cut in the middle", async () => {
  const entry = (number: number) => ({
    number,
    name: `n${number}`,
    change: changeTo(number),
    notes: changeTo(number).notes,
  });
  const told = store();
  for (const number of [1, 2]) await told.replay(entry(number));
  // healq ends here; the next one has the whole file again
  for (const number of [1, 2, 3, 4]) await store().replay(entry(number));
  expect(await reasons()).toEqual(["now 1", "now 2", "now 3", "now 4"]);
  expect((await told.read(["it"])).get("it")?.state).toEqual(stateWith(4));
});

test("what Redis took without answering is not told again by the journal, and does not undo it when it comes late", async () => {
  const late = changeTo(1);
  const later = changeTo(2, { before: late.after.raw });
  await store().commit(late);
  for (const [number, change] of [
    [1, late],
    [2, later],
  ] as const)
    await store().replay({ number, name: change.after.change, change, notes: change.notes });
  expect(await store().commit(late)).toBe(true);
  expect(await reasons()).toEqual(["now 1", "now 2"]);
  expect((await store().read(["it"])).get("it")?.state).toEqual(stateWith(2));
});

test("secrets do not get into states, looks and notes", async () => {
  const own = store((text) => text.replaceAll("s3cret", "***"));
  await own.commit(changeTo(1, { notes: [noteOf("with s3cret")] }));
  await own.note([noteOf("more s3cret")]);
  await own.keepLooks([{ target: "it", look: look(Date.now(), "a s3cret look") }]);
  const all = [await redis.hgetall(nodeKeys("n").look), await redis.xrange(nodeKeys("n").audit, "-", "+")];
  expect(JSON.stringify(all)).not.toContain("s3cret");
  expect(await reasons()).toEqual(["with ***", "more ***"]);
});

test("garbage in place of a state is read as none, and can be replaced", async () => {
  const whole = JSON.stringify({ state: stateWith(3) });
  const garbage = ["", "x", "null", "[]", "{}", '{"state":{}}', '{"state":{"status":"ok"}}'].concat(
    whole.replace('"recent":[]', '"recent":[1]'),
    whole.replace('"phase":"watching"', '"phase":"owned"'),
    whole.replace('"heals":', '"incident":{"id":"i"},"heals":'),
    whole.replace('"applications":[]', '"applications":["now"]'),
    whole.replace('"failedHeals":0', '"failedHeals":-1'),
  );
  for (const text of garbage) {
    await redis.hset(nodeKeys("n").state, "it", text);
    const read = (await store().read(["it"])).get("it");
    expect(read?.state, text).toBeUndefined();
    const seen: unknown[] = [];
    await changeState(store(), "it", (state) => {
      seen.push(state);
      return { state: stateWith(1), notes: [] };
    });
    expect(seen, text).toEqual([undefined]);
    expect((await store().read(["it"])).get("it")?.state, text).toEqual(stateWith(1));
  }
});

test("a Redis that refuses is away, not a surprise", async () => {
  await redis.set(nodeKeys("n").state, "a string");
  await expect(store().read(["it"])).rejects.toBeInstanceOf(StoreAway);
  await expect(store().commit(changeTo(1))).rejects.toBeInstanceOf(StoreAway);
});

test("states are read once, and again when anybody has changed, deleted or replayed one", async () => {
  const [own, other] = [store(), store()];
  const keep = async () => {
    const looks = ["it", "other"].map((target) => ({ target, look: look(Date.now(), "ok") }));
    const { states } = await own.keepLooks(looks);
    return { it: states.get("it")?.state, other: states.get("other")?.state };
  };
  expect(await keep()).toEqual({ it: undefined, other: undefined });
  const first = changeTo(1);
  await own.commit(first);
  const known = await keep();
  expect(known).toEqual({ it: stateWith(1), other: undefined });
  // The very same object: nothing was read.
  expect((await keep()).it).toBe(known.it);

  const second = changeTo(2, { before: first.after.raw });
  await other.commit(second);
  expect((await keep()).it).toEqual(stateWith(2));
  expect(await own.commit(changeTo(3, { before: first.after.raw }))).toBe(false);
  await other.replay({ number: 1, name: "n1", change: changeTo(4), notes: [] });
  expect((await keep()).it).toEqual(stateWith(4));
  await redis.hdel(nodeKeys("n").state, "it");
  expect((await keep()).it).toBeUndefined();
});
