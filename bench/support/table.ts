/** What stands in a table: a text, or a number that is shown with one decimal place at most. */
export type Cell = string | number;

/** One line of a table, by its columns. */
export type Row = Readonly<Record<string, Cell>>;

/** The rows as lines of text with a heading, numbers to the right. Columns are those of all rows, in order. */
export function plainTable(rows: readonly Row[]): string {
  const { heads, lines } = textsOf(rows);
  const all = [heads, ...lines];
  const widths = heads.map((_, i) => Math.max(...all.map((line) => (line[i] ?? "").length)));
  const left = heads.map((head, i) => i === 0 || isText(rows, head));
  return all
    .map((line) =>
      line
        .map((cell, i) => (left[i] ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const { heads, lines } = textsOf(rows);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = heads.map((head, i) => (i === 0 || isText(rows, head) ? "---" : "---:"));
  return [line(heads), line(rule), ...lines.map(line)].join("\n");
}

function textsOf(rows: readonly Row[]): { heads: string[]; lines: string[][] } {
  // The fullest row knows the order; one that says why it has no figures knows two columns.
  const fullest = [...rows].sort((a, b) => Object.keys(b).length - Object.keys(a).length);
  const heads = [...new Set(fullest.flatMap((row) => Object.keys(row)))];
  return { heads, lines: rows.map((row) => heads.map((head) => shown(row[head]))) };
}

function isText(rows: readonly Row[], head: string): boolean {
  return rows.every((row) => typeof row[head] !== "number");
}

function shown(value: Cell | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isNaN(value)) return "—";
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 });
}
