import { statSync } from "node:fs";
import type * as z from "zod";
import { readJson } from "./atomic.ts";

/**
 * Reads small JSON files that are looked at often and change seldom: one `stat` (2 µs), and the text only when the file is another
 * one than before. For files that are replaced in one piece (`writeAtomic`): their inode tells. The value is shared: never change it.
 */
export function createJsonReader<T>(schema: z.ZodType<T>): (path: string) => T | undefined {
  const seen = new Map<string, { version: string; value: T | undefined }>();
  return (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      seen.delete(path);
      return undefined;
    }
    const version = `${stat.ino}:${stat.ctimeMs}:${stat.mtimeMs}:${stat.size}`;
    const known = seen.get(path);
    if (known?.version === version) return known.value;
    // A file that is replaced between the two calls is read anew the next time.
    const value = readJson(path, schema);
    seen.set(path, { version, value });
    return value;
  };
}
