import { expect, onTestFinished, test } from "vitest";
import { type Jump, watchClock } from "../../workers/clock-watch.ts";
import { until } from "../support/wait.ts";

test("a clock that is set back or forward is noticed within a second, each time, and so is time that was lost", async () => {
  let set = 0;
  let lost = 0;
  const jumps: Jump[] = [];
  const stop = watchClock({
    now: () => Date.now() + set + lost,
    steady: () => performance.now() + lost,
    onJump: (jump) => jumps.push(jump),
  });
  onTestFinished(stop);
  const jumped = (count: number) => until(() => jumps[count - 1], { within: 2_500, what: `jump ${count}` });
  set = -3_600_000;
  expect((await jumped(1)).by).toBeCloseTo(-3_600_000, -3);
  set = 86_400_000;
  expect((await jumped(2)).by).toBeCloseTo(90_000_000, -3);
  lost = 60_000;
  const { by, pause } = await jumped(3);
  expect(Math.abs(by)).toBeLessThan(1_000);
  expect(pause).toBeGreaterThan(59_000);
});
