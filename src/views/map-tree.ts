import { paint } from "./colour.ts";
import type { LinkType, MapTarget, MapView } from "./map.ts";
import type { TableStyle } from "./table.ts";
import { wrap } from "./text.ts";

/** Deeper than this a branch goes on as a tree of its own, further down. */
const deepest = 10;

const words: Readonly<Record<LinkType, string>> = {
  needs: "needs",
  producer: "produced by",
  target: "healed by way of",
};

/** What is drawn, and what has been. */
interface Drawing {
  readonly view: MapView;
  readonly targets: ReadonlyMap<string, MapTarget>;
  /** What each target relies on, and how: `needs`, `needs, produced by`. */
  readonly below: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly style: TableStyle;
  /** Those whose own branches are drawn, or are being drawn. */
  readonly drawn: Set<string>;
  readonly lines: string[];
}

/**
 * The map for a person: those on which nothing relies are the roots, under each what it relies on. A target on which several
 * rely has its branches drawn once; elsewhere it says where. Those tied to nothing follow in a line of their own.
 */
export function mapTree(view: MapView, style: TableStyle): string {
  if (view.targets.length === 0) return "no targets\n";
  const drawing = begin(view, style);
  const relied = new Set(view.links.map(({ to }) => to));
  const tied = view.targets.filter(({ id }) => relied.has(id) || drawing.below.has(id));
  // Those that only stand in a circle of different ties have no root: the first of them in the file is taken for one.
  for (const { id } of [...tied.filter((each) => !relied.has(each.id)), ...tied]) {
    if (!drawing.drawn.has(id) && (drawing.below.has(id) || !relied.has(id))) drawTree(drawing, id);
  }
  const alone = view.targets.filter(({ id }) => !relied.has(id) && !drawing.below.has(id));
  return [...drawing.lines, ...aloneLines(alone, drawing)].map((line) => `${line}\n`).join("");
}

function begin(view: MapView, style: TableStyle): Drawing {
  const below = new Map<string, Map<string, string>>();
  for (const { from, to, type } of view.links) {
    const branches = below.get(from) ?? new Map<string, string>();
    const before = branches.get(to);
    below.set(from, branches.set(to, before === undefined ? words[type] : `${before}, ${words[type]}`));
  }
  const targets = new Map(view.targets.map((target) => [target.id, target]));
  return { view, targets, below, style, drawn: new Set(), lines: [] };
}

/** One root with all below it. */
function drawTree(drawing: Drawing, root: string): void {
  drawing.lines.push(named(drawing, root));
  drawBelow(drawing, root, "");
}

/** The branches of a target; `before` is what stands left of them. */
function drawBelow(drawing: Drawing, id: string, before: string): void {
  drawing.drawn.add(id);
  const branches = [...(drawing.below.get(id) ?? [])];
  for (const [index, [to, how]] of branches.entries()) {
    const last = index === branches.length - 1;
    const tie = `${before}${last ? "└─" : "├─"} ${how} `;
    const isDeep = before.length >= deepest * 3;
    const hasMore = drawing.below.has(to);
    const said = drawing.drawn.has(to) ? "drawn above" : isDeep ? "drawn below" : undefined;
    const where = hasMore && said !== undefined ? `  ${paint(`(${said})`, "faint", drawing.style)}` : "";
    drawing.lines.push(`${tie}${named(drawing, to)}${where}`);
    if (hasMore && said === undefined) drawBelow(drawing, to, `${before}${last ? "   " : "│  "}`);
  }
}

/** A target with its kind, and its place when that is not this node. */
function named({ targets, view, style }: Drawing, id: string): string {
  const target = targets.get(id);
  if (target === undefined) return `${id}  ${paint("(not in this config)", "uneasy", style)}`;
  const { kind, nodes } = target;
  const place = nodes === "any" || nodes.includes(view.node) ? "" : ` on ${nodes.join(", ")}`;
  return `${paint(id, "strong", style)}  ${paint(`${kind}${place}`, "faint", style)}`;
}

function aloneLines(alone: readonly MapTarget[], { lines, style }: Drawing): string[] {
  if (alone.length === 0) return [];
  const text = `tied to nothing: ${alone.map(({ id, kind }) => `${id} (${kind})`).join(", ")}`;
  return [...(lines.length > 0 ? [""] : []), ...(style.width > 0 ? wrap(text, style.width) : [text])];
}
