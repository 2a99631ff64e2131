import { performance } from "node:perf_hooks";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker } from "../../src/look/looker.ts";
import { type AnyKind, type CheckContext, defineKind } from "../../src/model/kind.ts";
import type { Look, Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import { noProcesses } from "../support/look.ts";
import { makeTarget } from "../support/target.ts";
import { until } from "../support/wait.ts";

const fine: Look = { status: "ok", findings: [], metrics: {}, message: "fine" };

function kindThat(observe: (target: Target, context: CheckContext) => Promise<Look> | Look): AnyKind {
  return defineKind<unknown>({
    kind: "probe",
    summary: "",
    schema: z.strictObject({}),
    symptoms: {},
    network: false,
    references: () => [],
    defaultLadder: () => [],
    observe,
  });
}

function lookerWith(observe: (target: Target, context: CheckContext) => Promise<Look> | Look) {
  const kind = kindThat(observe);
  const looker = createLooker({
    kindOf: (name) => (name === "probe" ? kind : undefined),
    processes: noProcesses,
    clock: systemClock,
  });
  onTestFinished(() => looker.close());
  return looker;
}

const probe = (id: string, timeout = 3_000): Target =>
  makeTarget<unknown>(id, {}, { kind: "probe", timeout });
const many = (count: number): Target[] => Array.from({ length: count }, (_, index) => probe(`t${index}`));

test("one target whose look hangs for 30 s does not delay 99 others, tick after tick", async () => {
  let release = (): void => undefined;
  const hang = new Promise<Look>((resolve) => {
    release = () => resolve(fine);
  });
  const looker = lookerWith((target) => (target.id === "t0" ? hang : fine));
  const targets = [probe("t0", 30_000), ...many(100).slice(1)];
  const delivered: string[] = [];
  const first = looker.look(targets, (observation) => delivered.push(observation.target));
  await until(() => delivered.length === 99, { within: 1_000, what: "the 99 others are looked at" });
  for (let tick = 2; tick <= 5; tick += 1) {
    const began = performance.now();
    const { skipped } = await looker.look(targets, (observation) => delivered.push(observation.target));
    expect(skipped).toEqual(["t0"]);
    expect(delivered).toHaveLength(99 * tick);
    expect(performance.now() - began).toBeLessThan(5_000);
  }
  expect(delivered).not.toContain("t0");
  release();
  await first;
  expect(delivered.at(-1)).toBe("t0");
});

test("a look that ignores its timeout is given up as unknown, and skipped until it has really ended", async () => {
  let release = (): void => undefined;
  const looker = lookerWith(
    () =>
      new Promise<Look>((resolve) => {
        release = () => resolve(fine);
      }),
  );
  const seen: Observation[] = [];
  await looker.look([probe("deaf", 50)], (observation) => seen.push(observation));
  expect(seen[0]).toMatchObject({ target: "deaf", status: "unknown", message: "no answer within 50 ms" });
  expect(await looker.look([probe("deaf", 50)], () => undefined)).toEqual({ skipped: ["deaf"] });
  release();
  await until(async () => (await looker.look([probe("deaf", 50)], () => undefined)).skipped.length === 0, {
    what: "it is looked at again",
  });
});

test("a look that is aborted may say itself why it could not tell, but not claim a finding", async () => {
  const looker = lookerWith(
    (target, { signal }) =>
      new Promise<Look>((resolve) => {
        const status = target.id === "honest" ? "unknown" : "critical";
        signal.addEventListener("abort", () => resolve({ ...fine, status, message: "my own words" }));
      }),
  );
  const seen = new Map<string, Observation>();
  await looker.look([probe("honest", 30), probe("hasty", 30)], (observation) =>
    seen.set(observation.target, observation),
  );
  expect(seen.get("honest")).toMatchObject({ status: "unknown", message: "my own words" });
  expect(seen.get("hasty")).toMatchObject({ status: "unknown", message: "no answer within 30 ms" });
});

test("a fault in a kind is an unknown with its message, for thrown errors, rejections, nothing at all and no such kind", async () => {
  const looker = lookerWith((target) => {
    if (target.id === "throws") throw new Error("broken");
    if (target.id === "rejects") return Promise.reject(new Error("broken later"));
    // A kind that breaks its promise to the compiler.
    return undefined as unknown as Look;
  });
  const seen = new Map<string, string>();
  const targets = [
    probe("throws"),
    probe("rejects"),
    probe("empty"),
    makeTarget<unknown>("strange", {}, { kind: "moon" }),
  ];
  await looker.look(targets, (observation) =>
    seen.set(observation.target, `${observation.status}: ${observation.message}`),
  );
  expect(Object.fromEntries(seen)).toEqual({
    throws: "unknown: the look failed: broken",
    rejects: "unknown: the look failed: broken later",
    empty: "unknown: the look gave no result",
    strange: "unknown: the look failed: there is no kind moon",
  });
});

test("a listener that throws neither stops the others nor goes unnoticed", async () => {
  const looker = lookerWith(() => fine);
  let delivered = 0;
  const looking = looker.look(many(10), () => {
    delivered += 1;
    if (delivered === 3) throw new Error("listener");
  });
  await expect(looking).rejects.toThrow("listener");
  expect(delivered).toBe(10);
});

test("a target that is twice in a batch is looked at once", async () => {
  const looker = lookerWith(() => fine);
  let delivered = 0;
  const twice = probe("a");
  expect(await looker.look([twice, twice], () => (delivered += 1))).toEqual({ skipped: [] });
  expect(delivered).toBe(1);
});

test("the event loop gets its turn after at most 10 ms of synchronous looks", async () => {
  // Counted in looks of 1 ms and not in time: on a busy machine the test itself may have to wait.
  let inThisTurn = 0;
  let most = 0;
  const looker = lookerWith(() => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    inThisTurn += 1;
    most = Math.max(most, inThisTurn);
    return fine;
  });
  let watching = true;
  const watch = (): void => {
    inThisTurn = 0;
    if (watching) setImmediate(watch);
  };
  setImmediate(watch);
  await looker.look(many(100), () => undefined);
  watching = false;
  expect(most).toBeLessThanOrEqual(10);
});

test("work is shared within a batch and not beyond it, also when it fails", async () => {
  let made = 0;
  const looker = lookerWith((_, { shared }) => {
    const value = shared.once("scan", () => (made += 1));
    expect(() =>
      shared.once("fails", () => {
        throw new Error(`attempt ${made}`);
      }),
    ).toThrow(`attempt ${value}`);
    return fine;
  });
  await looker.look(many(20), () => undefined);
  expect(made).toBe(1);
  await looker.look(many(20), () => undefined);
  expect(made).toBe(2);
});

test("each target has a memory of its own that lasts from look to look and stays small", async () => {
  const looker = lookerWith((target, { memory }) => {
    const count = Number(memory.get("count") ?? 0) + 1;
    for (let key = 0; key < 11_000; key += 1) memory.set(`k${key}`, key);
    memory.set("count", count);
    const kept = Array.from({ length: 11_000 }, (_, key) => memory.get(`k${key}`)).filter(
      (value) => value !== undefined,
    ).length;
    return { ...fine, metrics: { count, kept }, message: target.id };
  });
  const seen: Observation[] = [];
  for (let round = 0; round < 3; round += 1)
    await looker.look([probe("a")], (observation) => seen.push(observation));
  await looker.look([probe("b")], (observation) => seen.push(observation));
  expect(seen.map((observation) => observation.metrics.count)).toEqual([1, 2, 3, 1]);
  expect(Math.max(...seen.map((observation) => observation.metrics.kept ?? 0))).toBeLessThan(11_000);
});
