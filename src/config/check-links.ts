import { findCycles } from "./cycles.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import { didYouMean } from "./suggest.ts";

/** Another target that is named, and where. */
export interface Link {
  readonly name: string;
  readonly place: Place;
}

/** A target as far as others may name it. */
export interface Linked {
  readonly id: string;
  readonly needs: readonly Link[];
  /** Its `producer`, its `target`, and what its remedies name. */
  readonly references: readonly Link[];
}

/** Suggestions a file gets at most: each is a search through all names, and 10,000 × 10,000 of them take minutes. */
const mostSuggestions = 50;

/** Says which names are of no target, of the target itself, or go round in a circle. */
export function checkLinks(targets: readonly Linked[], problems: Problems): void {
  const names = new Set(targets.map((target) => target.id));
  let left = mostSuggestions;
  const suggest = (name: string): string => (left-- > 0 ? didYouMean(name, names) : "");

  for (const target of targets) {
    for (const link of target.needs)
      checkLink(link, { target, names, suggest, itself: "a target cannot need itself" }, problems);
    for (const link of target.references) {
      checkLink(
        link,
        { target, names, suggest, itself: "a target cannot be healed by healing itself" },
        problems,
      );
    }
  }
  reportCycles(targets, { links: (target) => target.needs, said: "need each other" }, problems);
  reportCycles(
    targets,
    { links: (target) => target.references, said: "are healed by healing each other" },
    problems,
  );
}

function checkLink(
  link: Link,
  from: { target: Linked; names: ReadonlySet<string>; suggest: (name: string) => string; itself: string },
  problems: Problems,
): void {
  const { name, place } = link;
  if (name === from.target.id) problems.add(place.at, place.path, from.itself);
  else if (!from.names.has(name))
    problems.add(place.at, place.path, `there is no target "${name}"${from.suggest(name)}`);
}

function reportCycles(
  targets: readonly Linked[],
  of: { links: (target: Linked) => readonly Link[]; said: string },
  problems: Problems,
): void {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const graph = new Map(targets.map((target) => [target.id, of.links(target).map((link) => link.name)]));
  for (const cycle of findCycles(graph)) {
    const [first = "", second] = cycle;
    if (cycle.length === 2) continue; // Itself: said already.
    const target = byId.get(first);
    const link = target && of.links(target).find((candidate) => candidate.name === second);
    if (link !== undefined)
      problems.add(link.place.at, link.place.path, `these ${of.said}: ${cycle.join(" → ")}`);
  }
}
