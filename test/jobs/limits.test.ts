import { expect, test } from "vitest";
import { createLimits } from "../../jobs/limits.ts";

const limits = (more: Partial<Parameters<typeof createLimits>[0]> = {}) =>
  createLimits({ heals: { max: 2, per: 1_000 }, concurrency: 2, ...more });

test("no more remedies are charged in any window than allowed, and it says when there is room", () => {
  const { charge } = limits();
  expect(charge(100)).toEqual({ ok: true });
  expect(charge(600)).toEqual({ ok: true });
  expect(charge(700)).toEqual({ ok: false, until: 1_100 });
  expect(charge(1_099)).toEqual({ ok: false, until: 1_100 });
  expect(charge(1_100)).toEqual({ ok: true });
  expect(charge(1_101)).toEqual({ ok: false, until: 1_600 });
});

test("a clock that was set back does not lock healing out", () => {
  const { charge } = limits();
  charge(10_000_000);
  charge(10_000_000);
  expect(charge(5)).toEqual({ ok: true });
  expect(charge(6)).toEqual({ ok: true });
  expect(charge(7)).toEqual({ ok: false, until: 1_005 });
});

test("never more work at once than allowed; each piece is done, also when others fail", async () => {
  const { applying } = limits();
  let now = 0;
  let most = 0;
  const piece = (n: number) =>
    applying(new AbortController().signal, async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      if (n % 3 === 0) throw new Error("no");
      return n;
    });
  const all = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => piece(n)));
  expect(most).toBe(2);
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
  expect(await piece(1)).toBe(1);
});

test("heals that are on their way take room until they are charged or have ended", () => {
  const { fullUntil, asked, ended, charge } = limits();
  asked("a", 1_000);
  expect(fullUntil(1_000)).toBeUndefined();
  asked("b", 1_000);
  // Nothing is charged yet, so nobody knows when; asked for once more, the same heal takes no second place.
  asked("b", 1_001);
  expect(fullUntil(1_001)).toBe(2_001);
  ended("b");
  expect(fullUntil(1_002)).toBeUndefined();
  expect(charge(1_100, "a")).toEqual({ ok: true });
  expect(charge(1_200, "b")).toEqual({ ok: true });
  expect(fullUntil(1_300)).toBe(2_100);
  expect(fullUntil(2_101)).toBeUndefined();
  // One of which nothing was ever heard is forgotten after a minute.
  for (const target of ["c", "d"]) asked(target, 10_000);
  expect(fullUntil(69_999)).toBe(70_999);
  expect(fullUntil(70_000)).toBeUndefined();
});
