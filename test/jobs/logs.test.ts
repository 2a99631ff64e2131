import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLogs } from "../../jobs/logs.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createRedactor } from "../../src/lib/redact.ts";
import { scratch } from "../support/scratch.ts";

/** A node with a process whose log is at hand. */
async function reader() {
  const folder = scratch();
  const file = join(folder, "healq.yaml");
  const targets = {
    worker: { kind: "process", run: ["sleep", "1"] },
    elsewhere: { kind: "process", run: ["sleep", "1"], on: "other" },
    page: { kind: "http", url: "http://127.0.0.1:9/" },
  };
  writeFileSync(file, JSON.stringify({ node: "n", stateDir: "state", targets }));
  const result = await loadConfig(file, {});
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  mkdirSync(join(folder, "state", "logs"), { recursive: true });
  const parts = { config: result.config, redact: createRedactor(["hunter22"]) };
  const read = (request: Partial<Parameters<typeof readLogs>[0]> = {}) => {
    const part = readLogs({ target: "worker", lines: 50, ...request }, parts);
    if ("error" in part) throw new Error(part.error.message);
    return part;
  };
  return { log: join(folder, "state", "logs", "worker.log"), read };
}

test("the last lines of a log leave its node without the secrets that it knows", async () => {
  const { log, read } = await reader();
  expect(read()).toEqual({ text: "", more: false, cut: false });
  writeFileSync(log, "one\ntwo hunter22\npassword=abcdef\nlast");
  expect(read({ lines: 3 }).text).toBe("two [redacted]\npassword=[redacted]\nlast");
  for (const [target, why] of [
    ["page", "healq does not start page"],
    ["elsewhere", "n has no target named elsewhere"],
    ["none", "n has no target named none"],
  ] as const)
    expect(() => read({ target })).toThrow(why);
});

test("who follows gets every line once and whole, through a rotation, and is told when there is more", async () => {
  const { log, read } = await reader();
  writeFileSync(log, "one\nhun");
  const first = read({ follow: true });
  expect(first.text).toBe("one\n");
  const on = (after: typeof first) => read({ follow: true, ...(after.next ? { after: after.next } : {}) });
  // Half a line, and so half a secret, is not given away.
  expect(on(first)).toEqual({ text: "", next: first.next, more: false, cut: false });
  appendFileSync(log, "ter22 ä\nthree");
  const second = on(first);
  expect(second.text).toBe("[redacted] ä\n");
  truncateSync(log, 0);
  appendFileSync(log, "new\n");
  const third = on(second);
  expect(third).toMatchObject({ text: "new\n", more: false });
  const long = "x".repeat(100_000);
  appendFileSync(log, `${long}\nend\n`);
  const fourth = on(third);
  const fifth = on(fourth);
  expect([fourth.more, fourth.text + fifth.text]).toEqual([true, `${long}\nend\n`]);
  expect(read({ follow: true, after: { offset: 0, file: "" } }).text).toMatch(/^new\nx+$|^new\n$/);
});

test("of a log that is too long for one answer the newest whole lines come, and it is said", async () => {
  const { log, read } = await reader();
  writeFileSync(log, Array.from({ length: 100_000 }, (_, n) => `number ${n}\n`).join(""));
  const part = read({ lines: 100_000 });
  expect(part.cut).toBe(true);
  expect(part.text.length).toBeLessThan(400_000);
  expect(part.text).toMatch(/^number \d+\n/);
  expect(part.text.endsWith("number 99998\nnumber 99999\n")).toBe(true);
  expect(read({ lines: 2 })).toMatchObject({ cut: false, text: "number 99998\nnumber 99999\n" });
});
