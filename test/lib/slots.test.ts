import fc from "fast-check";
import { expect, test } from "vitest";
import { dealSlots } from "../../src/lib/slots.ts";

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 60 });

/** The slot of each id. */
function slotsOf(names: readonly string[], every: number): Map<string, number> {
  const slots = dealSlots(names.map((id) => ({ id, every })));
  const second = Array.from({ length: every }, (_, slot) => slot);
  return new Map(second.flatMap((slot) => slots.due(slot).map((id) => [id, slot] as const)));
}

test("every target has one slot of its period, and no slot has more than one target more than another", () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 20 }), (names, every) => {
      const slots = slotsOf(names, every);
      expect([...slots.keys()].sort()).toEqual([...names].sort());
      const load = Array.from(
        { length: every },
        (_, slot) => [...slots.values()].filter((s) => s === slot).length,
      );
      expect(Math.max(...load) - Math.min(...load)).toBeLessThanOrEqual(1);
    }),
  );
});

test("slots do not depend on the order of the file, and come round every period", () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 20 }), fc.nat(2_000_000_000), (names, every, second) => {
      expect(slotsOf([...names].reverse(), every)).toEqual(slotsOf(names, every));
      const slots = dealSlots(names.map((id) => ({ id, every })));
      expect(slots.due(second + every)).toEqual(slots.due(second));
    }),
  );
});

test("targets of different periods are dealt apart", () => {
  const slots = dealSlots([
    { id: "often", every: 1 },
    { id: "seldom", every: 3 },
    { id: "seldom2", every: 3 },
  ]);
  const due = [0, 1, 2, 3, 4, 5].map((second) => slots.due(second));
  for (const list of due) expect(list).toContain("often");
  expect(due.flat().filter((id) => id === "seldom")).toHaveLength(2);
  expect(due.flat().filter((id) => id === "seldom2")).toHaveLength(2);
  expect(due.some((list) => list.includes("seldom") && list.includes("seldom2"))).toBe(false);
});
