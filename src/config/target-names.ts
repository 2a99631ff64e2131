import { readFileSync, statSync } from "node:fs";
import { isMap, isScalar, parseDocument } from "yaml";

/** Larger files would make whoever presses Tab wait. Bytes. */
const largest = 1_000_000;

/**
 * The names of the targets of a config file, for completing them: read without checking anything, so also of a file with
 * errors. Empty when there is no such file, or it is no map. Throws nothing.
 */
export function targetNames(file: string): string[] {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > largest) return [];
    const document = parseDocument(readFileSync(file, "utf8"), { uniqueKeys: false });
    const targets = document.get("targets");
    if (!isMap(targets)) return [];
    return targets.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : []));
  } catch {
    return [];
  }
}
