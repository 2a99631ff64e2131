import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { missingParts, pages } from "../../scripts/pages.ts";
import { registries } from "../../src/config/registries.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const namesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));
const kinds = registries.kinds.map(({ kind }) => kind).sort();

test("every kind has a docstring, an example and notes, and there are none of anything else", () => {
  expect(missingParts()).toEqual([]);
  expect(namesIn("examples/kinds", ".yaml").sort()).toEqual(kinds);
  expect(namesIn("docs/kinds/notes", ".md").sort()).toEqual(kinds);
});

test("the reference and the pages of the kinds are what the code says now; `npm run docs` writes them", () => {
  const made = pages();
  for (const [path, text] of made) expect(read(path), path).toBe(text);
  expect(namesIn("docs/kinds", ".md").sort()).toEqual(["README", ...kinds].sort());
});

test("the page of a kind has its example to the letter, its notes, its fields, its symptoms and the remedies that fit", () => {
  for (const { kind, symptoms, schema } of registries.kinds) {
    const page = read(`docs/kinds/${kind}.md`);
    expect(page).toContain(read(`examples/kinds/${kind}.yaml`).trim());
    expect(page).toContain(read(`docs/kinds/notes/${kind}.md`).trim());
    const fitting = registries.remedies.filter(({ kinds: fit }) => fit === "all" || fit.includes(kind));
    const names = [
      ...Object.keys(schema.shape),
      ...Object.keys(symptoms),
      ...fitting.map(({ remedy }) => remedy),
    ];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  }
});

test("the reference names every remedy and every channel, and leads to every kind", () => {
  const reference = read("docs/reference.md");
  const names = [
    ...registries.remedies.map(({ remedy }) => remedy),
    ...registries.channels.map(({ channel }) => channel),
  ];
  expect(names.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
  expect(reference).toContain("](kinds/README.md)");
});
