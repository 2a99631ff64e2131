import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reference } from "../../scripts/reference.ts";
import { registries } from "../../src/config/registries.ts";

const written = readFileSync(new URL("../../docs/reference.md", import.meta.url), "utf8");

test("docs/reference.md is what the schemas say now; `npm run docs` writes it", () => {
  expect(written).toBe(reference());
});

test("the reference names every kind with its symptoms, every remedy and every channel", () => {
  const names = [
    ...registries.kinds.flatMap(({ kind, symptoms }) => [kind, ...Object.keys(symptoms)]),
    ...registries.remedies.map(({ remedy }) => remedy),
    ...registries.channels.map(({ channel }) => channel),
  ];
  expect(names.filter((name) => !written.includes(`\`${name}\``))).toEqual([]);
});
