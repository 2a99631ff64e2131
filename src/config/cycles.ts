/**
 * The cycles of a graph, each as its names in order with the first one again at the end; one for every edge that closes
 * a circle in a depth-first walk in the order of the map. Without recursion, so that a chain of 10,000 is no matter.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  for (const start of graph.keys()) {
    if (finished.has(start)) continue;
    const position = new Map([[start, 0]]);
    const trail = [{ name: start, next: 0 }];
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const name = graph.get(top.name)?.[top.next++];
      if (name === undefined) {
        finished.add(top.name);
        position.delete(top.name);
        trail.pop();
        continue;
      }
      const seenAt = position.get(name);
      if (seenAt !== undefined) cycles.push([...trail.slice(seenAt).map((step) => step.name), name]);
      else if (!finished.has(name)) {
        position.set(name, trail.length);
        trail.push({ name, next: 0 });
      }
    }
  }
  return cycles;
}
