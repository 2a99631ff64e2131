import { type Stats, statSync } from "node:fs";

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

function faultOf({ uid, mode }: Stats): string | undefined {
  if (uid !== 0) return `belongs to uid ${uid}`;
  if ((mode & writableByOthers) === 0) return undefined;
  return `can be written by others (mode ${(mode & 0o7777).toString(8)})`;
}
