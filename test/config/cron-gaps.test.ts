import { schedule } from "node-cron";
import { afterEach, expect, test, vi } from "vitest";
import { scheduleWarnings } from "../../src/cli/schedule-warnings.ts";
import { skippedDay } from "../../src/config/cron-gaps.ts";
import { makeTarget } from "../support/target.ts";

const minute = 60_000;

/** When node-cron itself runs a pattern, in UTC, while time is moved on. */
async function runs(pattern: string, from: string, to: string): Promise<string[]> {
  vi.useFakeTimers({ now: Date.parse(from) });
  const ran: string[] = [];
  const task = schedule(pattern, ({ date }) => void ran.push(date.toISOString().slice(5, 16)), {
    timezone: "Europe/Berlin",
  });
  while (Date.now() < Date.parse(to)) await vi.advanceTimersByTimeAsync(minute);
  await task.destroy();
  return ran;
}

afterEach(() => void vi.useRealTimers());

test("when clocks are put forward, a look in the hour that is left out does not come on that day", async () => {
  const nights = ["2027-03-27T00:00:00Z", "2027-03-30T00:00:00Z"] as const;
  expect(await runs("30 2 * * *", ...nights)).toEqual(["03-27T01:30", "03-29T00:30"]);
  const quarters = await runs("*/15 * * * *", "2027-03-28T00:35:00Z", "2027-03-28T01:20:00Z");
  expect(quarters).toEqual(["03-28T00:45", "03-28T01:00", "03-28T01:15"]);
  expect(await runs("0 3 * * *", ...nights)).toEqual(["03-27T02:00", "03-28T01:00", "03-29T01:00"]);
});

test("when clocks are put back, a look in the hour that comes twice comes once, in the second of them", async () => {
  const nights = ["2027-10-30T00:00:00Z", "2027-11-01T23:00:00Z"] as const;
  expect(await runs("30 2 * * *", ...nights)).toEqual(["10-30T00:30", "10-31T01:30", "11-01T01:30"]);
  const quarters = await runs("*/15 * * * *", "2027-10-30T23:25:00Z", "2027-10-31T01:25:00Z");
  expect(quarters).toEqual(["10-30T23:30", "10-30T23:45", "10-31T01:00", "10-31T01:15"]);
});

const november = Date.parse("2026-11-22T12:00:00Z");

test.each([
  ["30 2 * * *", "Europe/Berlin", "2027-03-28"],
  ["15 30 2 * * sun", "Europe/Berlin", "2027-03-28"],
  ["0 2 * * *", "America/New_York", "2027-03-14"],
  ["15 2 * * *", "Australia/Lord_Howe", "2027-10-03"],
])("%s in %s is skipped on %s", (pattern, timezone, date) => {
  expect(skippedDay(pattern, timezone, november)).toBe(date);
});

test.each([
  ["30 2 * * *", "UTC"],
  ["30 2 * * *", "Asia/Tokyo"],
  ["0 3 * * *", "Europe/Berlin"],
  ["30 2 * * mon", "Europe/Berlin"],
  ["30 2,14 * * *", "Europe/Berlin"],
  ["*/15 * * * *", "Europe/Berlin"],
  ["45 2 * * *", "Australia/Lord_Howe"],
])("%s in %s is never skipped for a day", (pattern, timezone) => {
  expect(skippedDay(pattern, timezone, november)).toBeUndefined();
});

test("`healq validate` names the targets, the day and what to do", () => {
  const at = (id: string, cron: string, timezone: string) =>
    makeTarget(id, {}, { schedule: { cron, timezone } });
  const targets = [
    at("backup", "30 2 * * *", "Europe/Berlin"),
    at("report", "30 2 * * *", "UTC"),
    makeTarget("worker", {}),
  ];
  expect(scheduleWarnings(targets, november)).toEqual([
    "targets.backup.cron: no look on 2027-03-28, when the clocks of Europe/Berlin leave that hour out; choose another hour, or `timezone: UTC`",
  ]);
});
