import fc from "fast-check";
import { expect, test } from "vitest";
import { nextDelay } from "../../src/lib/backoff.ts";

const backoff = { delay: 1_000, max: 60_000, jitter: 0 };
const half = () => 0.5;

test("the first cure comes at once, the next ones wait twice as long each, up to the maximum", () => {
  const delays = [0, 1, 2, 3, 6, 7, 5_000].map((level) => nextDelay(backoff, level, half));
  expect(delays).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

test("the delay lies within its jitter and is a whole number, whatever the numbers", () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.nat(1_000_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (delay, max, jitter, level, chance) => {
        const full = nextDelay({ delay, max, jitter: 0 }, level, () => chance);
        const jittered = nextDelay({ delay, max, jitter }, level, () => chance);
        expect(Number.isInteger(jittered)).toBe(true);
        expect(full).toBeLessThanOrEqual(max);
        expect(jittered).toBeLessThanOrEqual(full);
        expect(jittered).toBeGreaterThanOrEqual(Math.floor((1 - jitter) * full));
      },
    ),
  );
});
