import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The packages whose code was loaded by the Node processes that had `NODE_V8_COVERAGE=folder`, and that have ended. A package that was
 * bundled is known by the comment that the bundler puts above each of its files.
 */
export function packagesLoaded(folder: string): Set<string> {
  const packages = new Set<string>();
  for (const file of filesLoaded(folder)) {
    const own = nameAt(file);
    if (own !== undefined) packages.add(own);
    else for (const line of commentsOf(file)) packages.add(nameAt(line) ?? "");
  }
  packages.delete("");
  return packages;
}

function filesLoaded(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const coverage: { result: { url: string }[] } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    return coverage.result.flatMap(({ url }) => (url.startsWith("file:") ? [fileURLToPath(url)] : []));
  });
}

function commentsOf(file: string): string[] {
  return readFileSync(file, "utf8").match(/^\/\/ \S*node_modules\/\S+/gm) ?? [];
}

function nameAt(path: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(`/${path.replace(/^\/\/ /, "")}`)?.[1];
}
