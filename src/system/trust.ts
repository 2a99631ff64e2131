import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/** In a folder with this bit only who owns a file may rename it. */
const sticky = 0o1000;

/** Writable by the group or by everyone. */
const writableByOthers = 0o022;

/**
 * Why root should not rely on a file or folder: whoever else can write it would be root. Undefined when root alone can, when
 * healq is not root, and when there is no such file.
 */
export function distrusted(path: string): string | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : faultOf(stats);
}

/**
 * The same of a file as its folder allows: who may rename in there puts another file in its place. In a folder with the sticky bit
 * (/tmp) only the owner may.
 */
export function distrustedFile(path: string): string | undefined {
  const fault = distrusted(path);
  if (fault !== undefined || process.geteuid?.() !== 0) return fault;
  const folder = dirname(path);
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & sticky) !== 0) return undefined;
  const around = faultOf(stats);
  return around === undefined ? undefined : `lies in ${folder}, which ${around}`;
}

function faultOf({ uid, mode }: Stats): string | undefined {
  if (uid !== 0) return `belongs to uid ${uid}`;
  if ((mode & writableByOthers) === 0) return undefined;
  return `can be written by others (mode ${(mode & 0o7777).toString(8)})`;
}
