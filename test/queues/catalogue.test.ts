import { expect, test } from "vitest";
import { catalogue, openHealRun, parsePayload } from "../../src/queues/catalogue.ts";

const problemOf = (data: unknown, schema: Parameters<typeof parsePayload>[0] = openHealRun) => {
  const parsed = parsePayload(schema, data);
  return parsed.ok ? undefined : parsed.problem;
};

test("what anyone may ask on the queue heal is taken as it is", () => {
  for (const data of [
    { target: "a" },
    { v: 1, target: "a", reason: "r", requestedBy: "ann", dryRun: true },
    { target: "__proto__" },
  ])
    expect(parsePayload(openHealRun, data)).toEqual({ ok: true, data });
});

test.each([
  ["no object", null],
  ["a list", ["a"]],
  ["nothing", {}],
  ["a number as target", { target: 5 }],
  ["a path as target", { target: "../../etc/passwd" }],
  ["an empty target", { target: "" }],
  ["force, which is for the node's own queue", { target: "a", force: true }],
  ["a command", { target: "a", run: ["rm", "-rf", "/"] }],
  ["a word for a flag", { target: "a", dryRun: "yes" }],
  ["a later version", { v: 2, target: "a" }],
  ["a long reason", { target: "a", reason: "x".repeat(1_001) }],
  ["__proto__ as data", JSON.parse('{"target":"a","__proto__":{"force":true}}')],
])("%s is refused, with what is wrong", (_, data) => {
  expect(problemOf(data)).toMatch(/\S/);
});

test("the problem names the field, and is short whatever the data", () => {
  expect(problemOf({ target: 5 })).toMatch(/^target: /);
  expect(problemOf({ target: "a", ["k".repeat(1_000_000)]: 1 })?.length).toBeLessThan(600);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, n]));
  expect(problemOf({ target: "a", ...many })?.length).toBeLessThan(600);
  const targets = Array.from({ length: 100 }, () => "?");
  expect(problemOf({ targets, trigger: "cron" }, catalogue["check:run"].schema)?.length).toBeLessThan(600);
});

test("every job has a name that a person can read", () => {
  const { title: check } = catalogue["check:run"];
  expect(check({ targets: ["a"], trigger: "cron" })).toBe("look ▸ a");
  expect(check({ targets: ["a", "b"], trigger: "cron" })).toBe("look ▸ 2 targets");
  expect(catalogue["heal:run"].title({ target: "a" })).toBe("heal ▸ a");
  expect(catalogue["heal:run"].title({ target: "a", dryRun: true })).toBe("plan ▸ a");
  expect(catalogue["target:wish"].title({ target: "a", wish: "stop" })).toBe("stop ▸ a");
});
