/** A session that waits for a lock. */
export interface Wait {
  readonly pid: number;
  /** For so many milliseconds. */
  readonly ms: number;
  /** Who stands in its way, be it before it in the queue only; may name one several times. 0 is a prepared transaction. */
  readonly blockers: readonly number[];
}

/** One that waits for nobody, and that others wait for. */
export interface Root {
  /** 0: a prepared transaction, which has no session. */
  readonly pid: number;
  /** How many wait for it, directly or not. */
  readonly blocks: number;
  /** How long the longest of them has waited, in milliseconds. */
  readonly longestMs: number;
  /** The longest way to it: itself, who waits for it, who waits for that one … */
  readonly chain: readonly number[];
}

/**
 * The roots of all waits, those first that block most. Sessions that wait for each other in a ring have none: the server
 * finds such a deadlock itself within a second.
 */
export function rootsOf(waits: readonly Wait[]): readonly Root[] {
  const byPid = new Map(waits.map((wait) => [wait.pid, wait]));
  const waitersOf = new Map<number, Wait[]>();
  for (const wait of waits) {
    for (const blocker of new Set(wait.blockers)) {
      const list = waitersOf.get(blocker);
      if (list === undefined) waitersOf.set(blocker, [wait]);
      else list.push(wait);
    }
  }
  return [...waitersOf.keys()]
    .filter((pid) => !byPid.has(pid))
    .map((pid) => rootFrom(pid, waitersOf))
    .sort((a, b) => b.blocks - a.blocks || b.longestMs - a.longestMs);
}

/** Walks from the root to all who wait for it, the nearest first. */
function rootFrom(root: number, waitersOf: ReadonlyMap<number, readonly Wait[]>): Root {
  const chains = new Map<number, readonly number[]>([[root, [root]]]);
  let longestMs = 0;
  let chain: readonly number[] = [root];
  // A map may be added to while it is walked over; what is added comes last.
  for (const [pid, way] of chains) {
    for (const wait of waitersOf.get(pid) ?? []) {
      if (chains.has(wait.pid)) continue;
      const longer = [...way, wait.pid];
      chains.set(wait.pid, longer);
      longestMs = Math.max(longestMs, wait.ms);
      if (longer.length > chain.length) chain = longer;
    }
  }
  return { pid: root, blocks: chains.size - 1, longestMs, chain };
}
