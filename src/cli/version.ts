import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version of healq, from the package.json above this file (the source and the built file lie at different depths). */
export function version(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const found = versionIn(join(folder, "package.json"));
    if (found !== undefined) return found;
  }
  return "unknown";
}

function versionIn(file: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    const isOurs =
      typeof parsed === "object" && parsed !== null && "name" in parsed && parsed.name === "healq";
    return isOurs && "version" in parsed && typeof parsed.version === "string" ? parsed.version : undefined;
  } catch {
    return undefined;
  }
}
