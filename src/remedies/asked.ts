import { rungsOf, type Target } from "../model/target.ts";
import { remedyOf } from "./registry.ts";

/** The other targets whose heal the cures of this one ask for: a stale file's producer, a page's server. */
export function askedBy(target: Target): string[] {
  const asked = rungsOf(target).flatMap(
    ({ remedy, params }) => remedyOf(remedy)?.asks?.(target, params) ?? [],
  );
  return [...new Set(asked)];
}

/**
 * In which order targets are healed: those that rely on no other first, in groups that may be healed together. A target relies on what
 * it needs and on what its cures act on, so what comes later is often well by then, and is not touched.
 */
export function healOrder(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  let left = [...targets];
  while (left.length > 0) {
    const waiting = new Set(left.map(({ id }) => id));
    const relies = (target: Target) =>
      [...target.needs, ...askedBy(target)].some((other) => other !== target.id && waiting.has(other));
    const free = left.filter((target) => !relies(target));
    // Who relies on each other is healed together.
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((target) => !group.includes(target));
  }
  return groups;
}
