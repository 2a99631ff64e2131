import * as z from "zod";
import { jsonSchema } from "../src/config/json-schema.ts";
import { registries } from "../src/config/registries.ts";
import { overridable, targetOnly } from "../src/config/target-fields.ts";
import { branchesOf, meaningOf, type Schema, takes } from "./schema-text.ts";

const head = `# Reference of healq.yaml

<!-- Written by \`npm run docs\` from the schemas that check the file. Do not edit: change the schema instead. -->

Durations are written \`500ms\`, \`10s\`, \`5m\`, \`2h\`, \`7d\`; sizes \`64MB\`, \`1GiB\`; shares \`85%\`. A *name* has letters, digits, \`_\`, \`.\` and
\`-\`, at most 64 of them. What these keys are good for is told in [configuration.md](configuration.md).
`;

/** The page \`docs/reference.md\`: every key, from the schemas and registries themselves. */
export function reference(): string {
  // The schema is plain JSON; `jsonSchema` types it no further.
  const file = jsonSchema(registries) as Schema;
  const { defaults, alerts, targets, ...top } = file.properties ?? {};
  return `${[
    head,
    section("Top level", rowsOf({ properties: top })),
    section("`defaults`, and every target", rowsOf(defaults ?? {})),
    section("Every target", rowsOf({ properties: own(targets), required: ["kind"] })),
    "## Kinds\n",
    ...kinds(targets),
    "## Remedies\n",
    ...remedies(),
    "## Alert channels\n",
    ...channels(alerts),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

function kindSchemas(targets: Schema | undefined): Schema[] {
  return typeof targets?.additionalProperties === "object" ? branchesOf(targets.additionalProperties) : [];
}

function own(targets: Schema | undefined): Record<string, Schema> {
  const { properties = {} } = kindSchemas(targets)[0] ?? {};
  const names = ["kind", ...Object.keys(targetOnly), "heal"];
  const kind: Schema = { type: "string", description: "What it is: one of the kinds below" };
  return Object.fromEntries(names.map((name) => [name, name === "kind" ? kind : (properties[name] ?? {})]));
}

function kinds(targets: Schema | undefined): string[] {
  const common = new Set(["kind", "heal", ...Object.keys(targetOnly), ...Object.keys(overridable)]);
  return kindSchemas(targets).map((schema, index) => {
    const kind = registries.kinds[index];
    const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !common.has(name));
    const { required = [] } = schema;
    const symptoms = Object.entries(kind?.symptoms ?? {}).map(
      ([name, means]) => `| \`${name}\` | ${cell(means)} |`,
    );
    return [
      `### \`${kind?.kind}\`: ${kind?.summary}\n`,
      table(rowsOf({ properties: Object.fromEntries(fields), required })),
      `| symptom | when |\n| --- | --- |\n${symptoms.join("\n")}\n`,
    ].join("\n");
  });
}

function remedies(): string[] {
  const given = registries.remedies.flatMap(({ remedy, schema }) => {
    // JSON Schema's own type allows more than is read here.
    const parameters = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      reused: "inline",
    }) as Schema;
    return rowsOf({ properties: { [remedy]: parameters } }).filter((row) => !row.includes("| map |  |  |"));
  });
  const rows = registries.remedies.map(({ remedy, summary, kinds: fit }) => {
    const where = fit === "all" ? "every kind" : fit.map((kind) => `\`${kind}\``).join(", ");
    return `| \`${remedy}\` | ${where} | ${cell(summary)} |`;
  });
  const said = "What may be written after a remedy's name, as in `{ exec: [./fix.sh], tries: 2 }`:\n";
  return [`| remedy | fits | what it does |\n| --- | --- | --- |\n${rows.join("\n")}\n`, said, table(given)];
}

function channels(alerts: Schema | undefined): string[] {
  const uses =
    typeof alerts?.additionalProperties === "object" ? branchesOf(alerts.additionalProperties) : [];
  return uses.map((use, index) => {
    const channel = registries.channels[index];
    const { channel: _, ...fields } = use.properties ?? {};
    return `### \`${channel?.channel}\`: ${channel?.summary}\n\n${table(rowsOf({ ...use, properties: fields }))}`;
  });
}

/** One row a key; the keys of a map follow it as `stop.signal`. */
function rowsOf(schema: Schema, before = ""): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${before}${key}`;
    const { meaning, fallback } = meaningOf(field);
    const needed = schema.required?.includes(key) === true && field.default === undefined;
    const shown = needed ? "needed" : /^\S+$/.test(fallback) ? `\`${fallback}\`` : fallback;
    const row = `| \`${name}\` | ${cell(name === "heal" ? "list of remedies, or map of such lists by symptom" : takes(field))} | ${cell(shown)} | ${cell(meaning)} |`;
    return [row, ...inside(field, name)];
  });
}

/** The keys of the maps, or of the lists of maps, that a field takes; ladders have their own table. */
function inside(field: Schema, name: string): string[] {
  if (name === "heal") return [];
  return branchesOf(field).flatMap((branch) => {
    if (branch.properties !== undefined) return rowsOf(branch, `${name}.`);
    return branch.items?.properties === undefined ? [] : rowsOf(branch.items, `${name}[].`);
  });
}

function section(title: string, rows: readonly string[]): string {
  return `## ${title}\n\n${table(rows)}`;
}

function table(rows: readonly string[]): string {
  return `| key | takes | default | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
