import { expect, test } from "vitest";
import { judge } from "../../bench/support/bars.ts";
import { markdown } from "../../bench/support/report.ts";
import { quantile, quantiles } from "../../bench/support/statistics.ts";
import { markdownTable, plainTable } from "../../bench/support/table.ts";

test("quantiles are values that were measured, by the nearest rank", () => {
  const values = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(quantiles(values)).toEqual({ median: 10, p95: 19, max: 20 });
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([3, 1, 2], 0)).toBe(1);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a bar is met up to its limit, and never by what was not measured", () => {
  expect(judge({ what: "p95", value: 100, atMost: 100 })).toBe("p95 ≤ 100: met");
  expect(judge({ what: "p95", value: 100.1, atMost: 100, unit: " ms" })).toBe("p95 ≤ 100 ms: missed");
  expect(judge({ what: "ratio", value: 2.9, atLeast: 3 })).toBe("ratio ≥ 3: missed");
  expect(judge({ what: "ratio", value: 3, atLeast: 3 }, { what: "late", value: Number.NaN, atMost: 1 })).toBe(
    "ratio ≥ 3: met; late ≤ 1: missed",
  );
  expect(judge({ what: "median", value: 1, atMost: Number.NaN })).toBe("median: not measured");
});

test("a table has the columns of its fullest row, and a row without figures says why in its place", () => {
  const rows = [
    { ms: "pm2", bar: "not installed" },
    { ms: "healq", median: 1_234.56, p95: 3.456, bar: "met" },
  ];
  expect(plainTable(rows).split("\n")).toEqual([
    "ms      median   p95  bar",
    "pm2                   not installed",
    "healq  1,234.6  3.46  met",
  ]);
  expect(markdownTable(rows).split("\n")).toEqual([
    "| ms | median | p95 | bar |",
    "| --- | ---: | ---: | --- |",
    "| pm2 |  |  | not installed |",
    "| healq | 1,234.6 | 3.46 | met |",
  ]);
});

test("a result as Markdown says when, where, with which options and configurations it was measured", () => {
  const section = { title: "Title", how: "How.", config: { pm2: "a `b`" }, rows: [{ ms: "pm2", median: 1 }] };
  const options = { trials: 2 };
  const at = "2026-11-22T01:00:00.000Z";
  expect(markdown({ name: "x", at, machine: "2 CPUs", options, sections: [section] }).split("\n\n")).toEqual([
    '2026-11-22, 2 CPUs; options `{"trials":2}`',
    "### Title",
    "How.",
    "| ms | median |\n| --- | ---: |\n| pm2 | 1 |",
    "- pm2: `a 'b'`",
  ]);
});
