import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Read at once, in bytes. */
export const readAtOnce = 64 * 1024;

/** A place in a file that grows. */
export interface FilePlace {
  /** Bytes from its start. */
  readonly offset: number;
  /** Device and inode: another file under the same path is another log. */
  readonly file: string;
}

/**
 * At most 64 KiB after the known place, and the place after them; undefined when the file cannot be read now. Another file
 * under the path, or a shorter one (rotation by copy and truncate), is read from its start: `anew`.
 */
export function readOn(
  path: string,
  known: FilePlace,
): (FilePlace & { readonly bytes: Buffer; readonly anew: boolean }) | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const { size, dev, ino } = fstatSync(fd);
    const file = `${dev}:${ino}`;
    const anew = file !== known.file || size < known.offset;
    const start = anew ? 0 : known.offset;
    const bytes = Buffer.alloc(Math.min(readAtOnce, size - start));
    const read = readSync(fd, bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, read), offset: start + read, file, anew };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
