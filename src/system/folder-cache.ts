import { statSync } from "node:fs";

/** A folder that was changed this recently may change again without its time changing: file times move in ticks of up to 10 ms. */
const settledAfter = 50;

/** The folders are asked at most once in so many milliseconds: one question for all targets of a tick. */
const askedEvery = 1;

/**
 * Remembers what `read` makes of files in these folders, until a file of theirs is made, replaced or removed: that changes the time of its
 * folder, so one `stat` stands for all files. Not for files that are written in place.
 */
export function cachedByFolders<T>(
  folders: readonly string[],
  read: (name: string) => T,
): (name: string) => T {
  const known = new Map<string, T>();
  let version: string | undefined;
  let asked = Number.NEGATIVE_INFINITY;
  const ask = (): void => {
    const now = performance.now();
    if (now - asked < askedEvery) return;
    asked = now;
    const newest = versionOf(folders);
    if (newest !== version) known.clear();
    version = newest;
  };
  return (name) => {
    ask();
    if (version === undefined) return read(name);
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const value = read(name);
    known.set(name, value);
    return value;
  };
}

/** Undefined while one of them was changed too recently to be told by its time. */
function versionOf(folders: readonly string[]): string | undefined {
  const now = Date.now();
  const versions = folders.map((folder) => {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat === undefined) return "none";
    const age = now - stat.ctimeMs;
    return age >= settledAfter ? `${stat.ino}:${stat.ctimeMs}` : undefined;
  });
  return versions.includes(undefined) ? undefined : versions.join(" ");
}
