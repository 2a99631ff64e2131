import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...["docs", "docs/kinds"].flatMap((folder) =>
    readdirSync(resolve(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];

/** The files that a page links to, absolute. */
function linksOf(page: string): string[] {
  const text = readFileSync(resolve(root, page), "utf8");
  const links = text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g);
  return [...links].map(([, path = ""]) => resolve(root, dirname(page), path));
}

test.each(pages)("every file that %s links to is there", (page) => {
  expect(linksOf(page).filter((path) => !existsSync(path))).toEqual([]);
});

test("README.md leads to every page, if need be over another one", () => {
  const reached = new Set([resolve(root, "README.md")]);
  for (const page of reached) {
    for (const link of linksOf(page)) if (link.endsWith(".md")) reached.add(link);
  }
  expect(pages.filter((page) => !reached.has(resolve(root, page)))).toEqual([]);
});
