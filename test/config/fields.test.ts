import { describe, expect, it } from "vitest";
import * as z from "zod";
import { formatDuration, parseDuration } from "../../src/lib/duration.ts";
import { argv, duration, id, share, size } from "../../src/lib/fields.ts";
import { formatSize, parseSize } from "../../src/lib/size.ts";

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["1.5s", 1_500],
    ["0s", 0],
  ])("%s is %i ms", (text, ms) => expect(parseDuration(text)).toBe(ms));
  it.each(["", "10", "s", "-1s", "1 s", "1h30m", "1e3s", "10S", "99999d", "1s\n"])("%j is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
  it.each([
    [0, "0 ms"],
    [4.2, "4 ms"],
    [999.7, "1 s"],
    [1_260, "1.3 s"],
    [10_000, "10 s"],
    [59_949, "59.9 s"],
    [59_960, "1m"],
    [300_000, "5m"],
    [90_000, "1m 30s"],
    [7_800_000, "2h 10m"],
    [3_599_700, "1h"],
    [86_399_999, "1d"],
    [93_600_000, "1d 2h"],
    [-5_000, "-5 s"],
  ])("of %d ms is written %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe("a size", () => {
  it.each([
    ["512B", 512],
    ["10kB", 10_000],
    ["64MB", 64e6],
    ["1GiB", 2 ** 30],
    ["1.5KiB", 1_536],
  ])("%s is %i bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));
  it.each(["", "5", "5mb", "-1B", "999999999TB"])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [31_457_280, "31 MB"],
    [999_600, "1 MB"],
    [2e15, "2000 TB"],
  ])("of %d bytes is written %s", (bytes, text) => expect(formatSize(bytes)).toBe(text));
  it("may be a whole number of bytes", () => expect(size().parse(7)).toBe(7));
});

describe("a share", () => {
  it.each([
    ["85%", 0.85],
    ["0%", 0],
    ["100%", 1],
    ["0.5%", 0.005],
  ])("%s is %d", (text, value) => expect(share().parse(text)).toBe(value));
  it.each(["101%", "85", "-1%", "100.1%", 0.85])("%j is none", (value) =>
    expect(share().safeParse(value).success).toBe(false),
  );
});

describe("words of a command", () => {
  it("are text, the program first", () => expect(argv().parse(["a", ""])).toEqual(["a", ""]));
  it.each([[[]], [["", "a"]], ["a b"], [["a", "\0"]], [["a", 1]], [null]])("are not %j", (value) =>
    expect(argv().safeParse(value).success).toBe(false),
  );
});

describe("a name", () => {
  it.each(["a", "_", "9", "a.b-c_d", "x".repeat(64)])("may be %s", (name) =>
    expect(id().parse(name)).toBe(name),
  );
  it.each(["", "any", "all", "__proto__", "a..b", ".a", "-a", "a/b", "a\n", "ä", "x".repeat(65), 5])(
    "may not be %j",
    (name) => expect(id().safeParse(name).success).toBe(false),
  );
});

it("each field converts to JSON Schema, with its default as it is written", () => {
  const schema = z.strictObject({ a: duration().prefault("10s"), b: size(), c: share(), d: argv(), e: id() });
  expect(z.toJSONSchema(schema, { io: "input" })).toMatchObject({
    properties: {
      a: { type: "string", default: "10s" },
      b: { anyOf: [{ type: "string" }, { type: "integer" }] },
      c: { type: "string", pattern: expect.any(String) },
      d: { type: "array", minItems: 1, items: { type: "string" } },
      e: { type: "string", pattern: expect.any(String) },
    },
    required: ["b", "c", "d", "e"],
  });
});
