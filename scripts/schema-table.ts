import { branchesOf, meaningOf, type Schema, takes } from "./schema-text.ts";

/** One row a key; the keys of a map follow it as `stop.signal`. */
export function rowsOf(schema: Schema, before = ""): string[] {
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

/** The table of keys that `rowsOf` fills. */
export function keyTable(rows: readonly string[]): string {
  return table(["key", "takes", "default", "meaning"], rows);
}

/** A table with these heads; each row is already written as one. */
export function table(heads: readonly string[], rows: readonly string[]): string {
  return `${rowOf(heads)}\n${rowOf(heads.map(() => "---"))}\n${rows.join("\n")}\n`;
}

/** One row of these cells. */
export function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Text as it may stand in a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
