import { lstatSync, readlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** As many links are followed as the kernel follows. Source: path_resolution(7). */
const maxLinks = 40;

/**
 * The first symbolic link on the way to a path that does not belong to root: whoever owns it decides where root would write.
 * Undefined when there is none, and when healq is not root, for then the kernel's own rules are enough.
 */
export function foreignLink(path: string): string | undefined {
  return process.geteuid?.() === 0 ? linkOnTheWay(path, maxLinks) : undefined;
}

function linkOnTheWay(path: string, left: number): string | undefined {
  const names = path.split(sep).filter((name) => name !== "");
  let at: string = sep;
  for (const [i, name] of names.entries()) {
    at = join(at, name);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) continue;
    if (!stats.isSymbolicLink()) return undefined;
    if (stats.uid !== 0 || left === 0) return at;
    const to = readlinkSync(at);
    const start = to.startsWith(sep) ? to : join(dirname(at), to);
    return linkOnTheWay(join(start, ...names.slice(i + 1)), left - 1);
  }
  return undefined;
}
