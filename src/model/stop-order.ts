import type { Target } from "./target.ts";

/**
 * In which order targets are stopped: those that nobody left needs first, in groups that may be stopped together. The
 * opposite of the order in which they are started.
 */
export function stopOrder(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  let left = [...targets];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ needs }) => needs));
    const free = left.filter(({ id }) => !needed.has(id));
    // The config refuses cycles; if there were one, its members would be stopped together.
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((target) => !group.includes(target));
  }
  return groups;
}
