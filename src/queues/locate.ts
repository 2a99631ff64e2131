import { HealqError } from "../model/errors.ts";
import type { NodeRecord } from "../model/fleet.ts";
import { anyNode } from "../store/keys.ts";

/** Where a target is looked after. */
export interface Place {
  /** A node, or `any`. */
  readonly node: string;
  readonly tries: number;
}

/**
 * The node that has a target: one that is alive before one that is not, and of those that are alive `near` (the node that
 * asks) before the others. `nodes` holds the record of `any` too.
 */
export function locate(nodes: readonly NodeRecord[], target: string, near?: string): Place {
  const places = nodes.flatMap((record) => {
    const found = record.targets.find(({ id }) => id === target);
    return found === undefined ? [] : [{ node: record.node, tries: found.tries, alive: record.alive }];
  });
  const there = places.filter(({ alive, node }) => alive || node === anyNode);
  const place = there.find(({ node }) => node === near) ?? there[0] ?? places[0];
  if (place === undefined) throw new HealqError("unknown-target", `no node has a target named ${target}`);
  return { node: place.node, tries: place.tries };
}

/** True if somebody is there to do what is queued for the node. */
export function isReachable(nodes: readonly NodeRecord[], node: string): boolean {
  if (node === anyNode) return nodes.some((record) => record.alive);
  return nodes.some((record) => record.node === node && record.alive);
}
