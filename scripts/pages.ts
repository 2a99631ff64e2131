import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { registries } from "../src/config/registries.ts";
import { kindDocstrings } from "./docstring.ts";
import { kindIndex } from "./kind-index.ts";
import { kindPage, type Written } from "./kind-page.ts";
import { reference } from "./reference.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const docstrings = kindDocstrings(`${root}src/checks`);

/** The text of every page that is made from the code, by its path below the sources. Throws when a kind lacks what persons have to write. */
export function pages(): Map<string, string> {
  const missing = missingParts();
  if (missing.length > 0) throw new Error(`missing: ${missing.join("; ")}`);
  return new Map([
    ["docs/reference.md", reference()],
    ["docs/kinds/README.md", kindIndex()],
    ...registries.kinds.map((kind): [string, string] => [
      `docs/kinds/${kind.kind}.md`,
      kindPage(kind, writtenOf(kind.kind)),
    ]),
  ]);
}

/** What nobody has written yet about a kind of the registry, and where it belongs. */
export function missingParts(): string[] {
  return registries.kinds.flatMap(({ kind }) => {
    const wanted = [
      [`examples/kinds/${kind}.yaml`, `a config with a target of the kind ${kind}`],
      [`docs/kinds/notes/${kind}.md`, `what the schema of the kind ${kind} does not say`],
    ];
    const files = wanted.flatMap(([path, what]) =>
      existsSync(`${root}${path}`) ? [] : [`${path}, ${what}`],
    );
    const docstring = `a docstring right above the definition of the kind ${kind}`;
    return docstrings.has(kind) ? files : [...files, docstring];
  });
}

function writtenOf(kind: string): Written {
  const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
  return {
    docstring: docstrings.get(kind) ?? "",
    notes: read(`docs/kinds/notes/${kind}.md`),
    example: read(`examples/kinds/${kind}.yaml`),
  };
}
