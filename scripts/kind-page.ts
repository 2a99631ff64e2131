import { registries } from "../src/config/registries.ts";
import type { AnyKind } from "../src/model/kind.ts";
import { type DefaultCures, defaultCures } from "./default-cures.ts";
import { ownFields } from "./kind-schemas.ts";
import { remedyTables } from "./remedy-tables.ts";
import { cell, keyTable, rowOf, rowsOf, table } from "./schema-table.ts";

/** What persons wrote about a kind: above its definition, in `docs/kinds/notes/KIND.md` and in `examples/kinds/KIND.yaml`. */
export interface Written {
  readonly docstring: string;
  readonly notes: string;
  readonly example: string;
}

/** The page `docs/kinds/KIND.md`: all that a user has to know of a kind. */
export function kindPage(kind: AnyKind, { docstring, notes, example }: Written): string {
  const file = `examples/kinds/${kind.kind}.yaml`;
  return `${[
    `# \`${kind.kind}\`: ${kind.summary}\n`,
    `<!-- Written by \`npm run docs\` from the kind's source, ${file} and docs/kinds/notes/${kind.kind}.md. Do not edit: change those. -->\n`,
    `${docstring}\n`,
    `[All kinds](README.md) · [what every target has](../reference.md#every-target)\n`,
    "## Example\n",
    `[${file}](../../${file}), which a test of healq runs:\n`,
    `\`\`\`yaml\n${example.trimEnd()}\n\`\`\`\n`,
    "## Fields\n",
    keyTable(rowsOf(ownFields(kind.kind))),
    "## Symptoms\n",
    symptoms(kind, defaultCures(kind, example)),
    "## Remedies\n",
    ...remedies(kind.kind),
    "## Notes\n",
    notes.trim(),
  ].join("\n")}\n`;
}

function symptoms(kind: AnyKind, cures: readonly DefaultCures[]): string {
  const columns = cures.map(({ targets }) =>
    cures.length === 1
      ? "cured by default"
      : `cured by default: ${targets.map((id) => `\`${id}\``).join(", ")}`,
  );
  const rows = Object.entries(kind.symptoms).map(([symptom, meaning]) =>
    rowOf([
      `\`${symptom}\``,
      cell(meaning),
      ...cures.map(
        ({ bySymptom }) => (bySymptom[symptom] ?? []).map((name) => `\`${name}\``).join(", then ") || "–",
      ),
    ]),
  );
  const said =
    "Cured by default is what the example's targets would be without `heal`; with other fields it may be something else. Where there is nothing, people are called.\n";
  return [table(["symptom", "when", ...columns], rows), said].join("\n");
}

function remedies(kind: string): string[] {
  const own = registries.remedies.filter(({ kinds }) => kinds !== "all" && kinds.includes(kind));
  const every = registries.remedies
    .filter(({ kinds }) => kinds === "all")
    .map(({ remedy }) => `\`${remedy}\``);
  const rest = `[fit every kind](../reference.md#remedies): ${every.join(", ")}.\n`;
  return own.length === 0 ? [`Those that ${rest}`] : [...remedyTables(own), `And those that ${rest}`];
}
