import { expect, it } from "vitest";
import { age, clockTime, iso } from "../../src/views/time.ts";

it("writes moments as ISO 8601 in UTC, and never throws for what no date can hold", () => {
  expect(iso(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(iso(undefined)).toBeNull();
  expect(iso(1e300)).toBe("+275760-09-13T00:00:00.000Z");
  expect(iso(Number.NaN)).toBe("1970-01-01T00:00:00.000Z");
});

it("says ages in one unit", () => {
  expect([0, -5_000, 999, 12_000, 61_000, 3_600_000, 200_000_000].map(age)).toEqual([
    "now",
    "now",
    "now",
    "12s",
    "1m",
    "1h",
    "2d",
  ]);
});

it("leaves the day out when it is today", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(clockTime(Date.parse("2026-11-22T01:02:03.900Z"), now)).toBe("01:02:03");
  expect(clockTime(Date.parse("2026-11-21T23:59:58Z"), now)).toBe("2026-11-21 23:59:58");
});
