import { kindOf } from "../checks/registry.ts";
import type { Config } from "../model/config.ts";
import { rungsOf, type Target } from "../model/target.ts";
import { remedyOf } from "../remedies/registry.ts";

/**
 * Why one target is tied to another: it `needs` it to be well before it is healed, it is written by it (`producer`), or it is
 * healed by a heal of it (`target`).
 */
export type LinkType = "needs" | "producer" | "target";

/** One tie: `from` relies on `to`. */
export interface MapLink {
  readonly from: string;
  readonly to: string;
  readonly type: LinkType;
}

/** One target of the map. */
export interface MapTarget {
  readonly id: string;
  readonly kind: string;
  /** The nodes that look at it, or `any`. */
  readonly nodes: "any" | readonly string[];
  readonly critical: boolean;
}

/** `healq map --json`: who needs whom, who produces what. All in the order of the file. */
export interface MapView {
  readonly node: string;
  readonly targets: readonly MapTarget[];
  readonly links: readonly MapLink[];
}

/** The map of a config: made of the config alone, whatever runs now. */
export function mapView(config: Config): MapView {
  const all = [...config.targets.values()];
  return {
    node: config.node,
    targets: all.map(({ id, kind, nodes, critical }) => ({ id, kind, nodes, critical })),
    links: all.flatMap(linksOf),
  };
}

/** What a target relies on; a pair with two reasons is two links, the same reason twice is one. */
function linksOf(target: Target): MapLink[] {
  const found = new Map<string, MapLink>();
  const add = (to: string, type: LinkType): void => {
    found.set(`${type} ${to}`, { from: target.id, to, type });
  };
  for (const need of target.needs) add(need, "needs");
  const ofKind = kindOf(target.kind)?.references(target.spec) ?? [];
  const producer = producerOf(target.spec);
  for (const name of ofKind) add(name, name === producer ? "producer" : "target");
  for (const { remedy, params } of rungsOf(target)) {
    for (const name of remedyOf(remedy)?.references?.(params) ?? [])
      if (name !== producer) add(name, "target");
  }
  return [...found.values()];
}

function producerOf(spec: unknown): unknown {
  return typeof spec === "object" && spec !== null && "producer" in spec ? spec.producer : undefined;
}
