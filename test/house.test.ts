import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["bin", "workers", "jobs", "src", "bench", "scripts"];

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => {
      const file = join(folder, name);
      return { file, lines: readFileSync(join(root, file), "utf8").trimEnd().split("\n") };
    }),
);

/** `any` as a type; the word in a comment, a text or as a key is none. */
const anyType = /(?:[:<|&,(]\s*|\bas\s+)any\b(?!\s*[.:"'`\w]|\|)/;
/** A rule that is switched off, and nothing said after it. */
const unreasoned = /@ts-(?:ignore|nocheck|expect-error)\s*$|biome-ignore(?:-\w+)?\s+[\w/]+\s*(?::\s*)?$/;

/** `file:line` of the lines that break a rule. */
function breaking(rule: RegExp): string[] {
  return sources.flatMap(({ file, lines }) =>
    lines.flatMap((line, i) => (rule.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
}

test("no source file is longer than 300 lines, and half of them are shorter than 100", () => {
  expect(sources.length).toBeGreaterThan(300);
  const lengths = sources.map(({ lines }) => lines.length).sort((a, b) => a - b);
  expect(sources.filter(({ lines }) => lines.length > 300).map(({ file }) => file)).toEqual([]);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100);
});

test("no type is any, and no rule is switched off without a reason", () => {
  const code = breaking(anyType).filter((found) => !/: (?:\*|\/\/|\/\*)/.test(found));
  expect([...code, ...breaking(unreasoned)]).toEqual([]);
});

test("no signal is made by AbortSignal.any, which loses aborts; see withSignal", () => {
  expect(breaking(/AbortSignal\.any\(/)).toEqual([]);
});

test("what the rules look for is found where it stands", () => {
  for (const bad of ["const a: any = 1;", "x as any", "Map<string, any>", "(a: any[]) => 1"])
    expect(bad).toMatch(anyType);
  for (const good of ["ladders: { any: [] }", 'on: "any"', "AbortSignal.any([a])", "(any: string[]) => 1"])
    expect(good).not.toMatch(anyType);
  for (const bad of [
    "// @ts-ignore",
    "// biome-ignore lint/style/noVar",
    "// biome-ignore lint/style/noVar:",
  ])
    expect(bad).toMatch(unreasoned);
  expect("// biome-ignore lint/style/noVar: it is the point of the test").not.toMatch(unreasoned);
});
