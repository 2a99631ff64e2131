import { registries } from "../src/config/registries.ts";
import { cell, rowOf, table } from "./schema-table.ts";

const head = `# Kinds of targets

<!-- Written by \`npm run docs\` from the registry of kinds. Do not edit. -->

One page a kind: an example, its fields, what it finds, what cures that, and why it does so. What every target has, of whatever kind, is in
the [reference](../reference.md); what all of it is good for in [configuration.md](../configuration.md). A kind of your own: [Add a kind in 15 minutes](../add-a-kind.md).
`;

/** The page \`docs/kinds/README.md\`: which kinds there are. */
export function kindIndex(): string {
  const rows = registries.kinds.map(({ kind, summary, network }) => {
    const cures = registries.remedies
      .filter(({ kinds }) => kinds !== "all" && kinds.includes(kind))
      .map(({ remedy }) => `\`${remedy}\``);
    return rowOf([`[\`${kind}\`](${kind}.md)`, cell(summary), cures.join(", "), network ? "yes" : ""]);
  });
  return `${head}\n${table(["kind", "looks at", "cures of its own", "`on: any`"], rows)}`;
}
