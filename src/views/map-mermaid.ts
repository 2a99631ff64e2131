import type { LinkType, MapView } from "./map.ts";

/** Arrows point from what relies to what it relies on; what is produced is pointed at by its producer. */
const arrows: Readonly<Record<LinkType, (from: string, to: string) => string>> = {
  needs: (from, to) => `${from} -->|needs| ${to}`,
  producer: (from, to) => `${to} -.->|produces| ${from}`,
  target: (from, to) => `${from} -.->|healed by way of| ${to}`,
};

/**
 * The map as a Mermaid flowchart, to be pasted into Markdown. Boxes have names of their own (`t0`, `t1` …), since an id may be
 * a word of Mermaid's, such as `end`. Source: mermaid.js.org/syntax/flowchart.html.
 */
export function mapMermaid(view: MapView): string {
  const names = new Map(view.targets.map(({ id }, index) => [id, `t${index}`]));
  // A link leads to a target of the same config: the config refuses every other one.
  const nameOf = (id: string): string => names.get(id) ?? id;
  const boxes = view.targets.map(({ id, kind }) => `${nameOf(id)}["${id}<br/><small>${kind}</small>"]`);
  const links = view.links.map(({ from, to, type }) => arrows[type](nameOf(from), nameOf(to)));
  return ["flowchart LR", ...[...boxes, ...links].map((line) => `  ${line}`)]
    .map((line) => `${line}\n`)
    .join("");
}
