import { registries } from "../src/config/registries.ts";
import { targetOnly } from "../src/config/target-fields.ts";
import { fileSchema, targetSchemas } from "./kind-schemas.ts";
import { remedyTables } from "./remedy-tables.ts";
import { keyTable, rowOf, rowsOf, table } from "./schema-table.ts";
import { branchesOf, type Schema } from "./schema-text.ts";

const head = `# Reference of healq.yaml

<!-- Written by \`npm run docs\` from the schemas that check the file. Do not edit: change the schema instead. -->

What all targets have in common; what a kind has beside it is on [its own page](kinds/README.md).
Durations are written \`500ms\`, \`10s\`, \`5m\`, \`2h\`, \`7d\`; sizes \`64MB\`, \`1GiB\`; shares \`85%\`. A *name* has letters, digits, \`_\`, \`.\` and
\`-\`, at most 64 of them. What these keys are good for is told in [configuration.md](configuration.md).
`;

/** The page \`docs/reference.md\`: every key that is not a kind's own, from the schemas and registries themselves. */
export function reference(): string {
  const { defaults, alerts, targets: _, ...top } = fileSchema().properties ?? {};
  return `${[
    head,
    section("Top level", rowsOf({ properties: top })),
    section("`defaults`, and every target", rowsOf(defaults ?? {})),
    section("Every target", rowsOf({ properties: common(), required: ["kind"] })),
    "## Remedies\n",
    ...remedies(),
    "## Alert channels\n",
    ...channels(alerts),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

function common(): Record<string, Schema> {
  const { properties = {} } = targetSchemas()[0] ?? {};
  const names = ["kind", ...Object.keys(targetOnly), "heal"];
  const kind: Schema = { type: "string", description: "What it is: one of the [kinds](kinds/README.md)" };
  return Object.fromEntries(names.map((name) => [name, name === "kind" ? kind : (properties[name] ?? {})]));
}

function remedies(): string[] {
  const rows = registries.remedies.flatMap(({ remedy, kinds }) => {
    if (kinds === "all") return [];
    const pages = kinds.map((kind) => `[${kind}](kinds/${kind}.md)`);
    return [rowOf([`\`${remedy}\``, pages.join(", ")])];
  });
  return [
    "These fit every kind:\n",
    ...remedyTables(registries.remedies.filter(({ kinds }) => kinds === "all")),
    "These fit some, and are told there:\n",
    table(["remedy", "fits"], rows),
  ];
}

function channels(alerts: Schema | undefined): string[] {
  const uses =
    typeof alerts?.additionalProperties === "object" ? branchesOf(alerts.additionalProperties) : [];
  return uses.map((use, index) => {
    const channel = registries.channels[index];
    const { channel: _, ...fields } = use.properties ?? {};
    return `### \`${channel?.channel}\`: ${channel?.summary}\n\n${keyTable(rowsOf({ ...use, properties: fields }))}`;
  });
}

function section(title: string, rows: readonly string[]): string {
  return `## ${title}\n\n${keyTable(rows)}`;
}
