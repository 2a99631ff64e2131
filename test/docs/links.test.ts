import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(resolve(root, "docs")).map((name) => `docs/${name}`),
];

test.each(pages)("every file that %s links to is there", (page) => {
  const text = readFileSync(resolve(root, page), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = ""]) => path);
  const missing = links.filter((path) => !existsSync(resolve(root, dirname(page), path)));
  expect(missing).toEqual([]);
});
