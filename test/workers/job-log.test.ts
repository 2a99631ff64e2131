import { expect, test } from "vitest";
import { openJobLog } from "../../workers/job-log.ts";
import { until } from "../support/wait.ts";

test("lines are written in the order in which they were said, secrets removed, and all of them before `written` resolves", async () => {
  const lines: string[] = [];
  const ends: (() => void)[] = [];
  // Redis answers the earlier ones later: without an order of our own they would change places.
  const job = {
    log: (line: string) =>
      new Promise<number>((resolve) => {
        ends.unshift(() => resolve(lines.push(line)));
      }),
  };
  const log = openJobLog(job, { redact: (text) => text.replace("hunter2", "[redacted]"), now: () => 0 });
  for (const line of ["one", "two hunter2", "three"]) log.say(line);
  const written = log.written();
  await until(async () => {
    ends.pop()?.();
    return lines.length === 3;
  });
  await written;
  expect(lines).toEqual(["00:00:00.000 one", "00:00:00.000 two [redacted]", "00:00:00.000 three"]);
});

test("a line that cannot be written is left out, and the next ones are written", async () => {
  const lines: string[] = [];
  const job = {
    log: async (line: string) => {
      if (line.endsWith("lost")) throw new Error("Redis is away");
      return lines.push(line);
    },
  };
  const log = openJobLog(job, { redact: (text) => text, now: () => 0 });
  for (const line of ["lost", "kept"]) log.say(line);
  await log.written();
  expect(lines).toEqual(["00:00:00.000 kept"]);
});
