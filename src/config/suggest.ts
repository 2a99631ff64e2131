/**
 * Edit distance in which a swap of neighbours is one edit.
 * Source: "optimal string alignment", L. Boytsov, Indexing methods for approximate dictionary searching (2011), §2.
 */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The name that was probably meant: at most a third of its letters differ (and at least one may); undefined if none is near. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const allowed = Math.max(1, Math.floor(Math.max(name.length, given.length) / 3));
    if (Math.abs(name.length - given.length) > allowed) continue;
    const edits = distance(given.toLowerCase(), name.toLowerCase());
    if (edits <= allowed && edits < least) {
      best = name;
      least = edits;
    }
  }
  return best;
}

/** `; did you mean "every"?`, or nothing. */
export function didYouMean(given: string, names: Iterable<string>): string {
  const meant = nearest(given, names);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "nothing";
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
