import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rows = readFileSync(resolve(root, "docs/bad-luck.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (---|what goes wrong)/.test(line));

test("every misfortune names a test that exists", () => {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const named = [...row.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path = ""]) => path);
    expect(named, row).not.toEqual([]);
    expect(named.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
  }
});
