import { paint, type Tone } from "./colour.ts";
import { columnsOf, truncate, visible, wrap } from "./text.ts";

/** How a table is drawn. */
export interface TableStyle {
  /** Columns of the terminal; 0: as wide as the content. */
  readonly width: number;
  readonly colour: boolean;
}

/** One column; the last one takes what is left of the width. */
export interface Column<Row> {
  readonly head: string;
  /** Untrusted text is fine: it is made visible here. */
  text(row: Row): string;
  tone?(row: Row): Tone | undefined;
  readonly right?: boolean;
  /** Left out when no row has a text in it. */
  readonly optional?: boolean;
  /** At most so many columns wide, when the table has a width. */
  readonly max?: number;
}

/** Columns below which the last column is of no use: it is given at least this. */
const leastForLast = 10;

/**
 * A table without rules. The last column is cut at the width of the terminal; for a row where `whole` says so the full
 * text follows below the row, indented, so that nothing of importance is lost on a narrow terminal.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: TableStyle & { whole?(row: Row): boolean },
): string {
  const shown = columns.filter((column) => !column.optional || rows.some((row) => column.text(row) !== ""));
  const cells = rows.map((row) => shown.map((column) => visible(column.text(row))));
  const widths = measure(shown, cells, style.width);
  const lines = [
    paint(
      line(
        shown.map((column) => column.head),
        shown,
        widths,
      ),
      "faint",
      style,
    ),
  ];
  for (const [index, row] of rows.entries()) {
    const texts = cells[index] ?? [];
    lines.push(line(texts, shown, widths, (text, column) => paint(text, column.tone?.(row), style)));
    const last = texts.at(-1) ?? "";
    if (columnsOf(last) > (widths.at(-1) ?? 0) && style.whole?.(row)) {
      lines.push(...wrap(last, style.width - 4).map((each) => `    ${each}`));
    }
  }
  return lines.map((each) => `${each}\n`).join("");
}

function measure<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((column, index) => {
    const widest = cells.reduce(
      (most, row) => Math.max(most, columnsOf(row[index] ?? "")),
      columnsOf(column.head),
    );
    return width > 0 && column.max !== undefined ? Math.min(widest, column.max) : widest;
  });
  if (width === 0) return widths;
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const last = Math.min(widths.at(-1) ?? 0, Math.max(width - before, leastForLast));
  return [...widths.slice(0, -1), last];
}

function line<Row>(
  texts: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
  dress: (text: string, column: Column<Row>) => string = (text) => text,
): string {
  const parts = columns.map((column, index) => {
    const width = widths[index] ?? 0;
    const text = truncate(texts[index] ?? "", width);
    const gap = " ".repeat(Math.max(0, width - columnsOf(text)));
    const dressed = dress(text, column);
    if (column.right) return gap + dressed;
    return index === columns.length - 1 ? dressed : dressed + gap;
  });
  return parts.join("  ").trimEnd();
}
