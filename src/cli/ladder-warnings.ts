import type { Target } from "../model/target.ts";
import { askedBy } from "../remedies/asked.ts";

/** What is to be said of targets that others are cured through, and that cure only faults of their own: one line a target. */
export function ladderWarnings(targets: ReadonlyMap<string, Target>): string[] {
  const asking = new Map<Target, string[]>();
  for (const target of targets.values())
    for (const name of askedBy(target)) {
      const other = targets.get(name);
      if (other !== undefined) asking.set(other, [...(asking.get(other) ?? []), target.id]);
    }
  return [...asking].flatMap(([{ id, ladders }, others]) => {
    // `heal: []` says that nothing is wanted; a map that does not name the faults of others forgets them, as a rule.
    if (ladders.any.length > 0 || Object.keys(ladders.bySymptom).length === 0) return [];
    const who = `${others.join(", ")} ${others.length === 1 ? "is" : "are"} to be cured by a heal of ${id}`;
    return [`targets.${id}.heal: ${who}, which has no ladder for that; add \`any:\` to the map`];
  });
}
