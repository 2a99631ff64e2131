import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The command, as it is built and shipped. */
export const healqProgram = here("../../dist/bin/healq.js");
export const workerProgram = here("../worker.cjs");
export const respawnProgram = here("../peers/respawn.cjs");
export const pm2Program = here("../peers/node_modules/pm2/bin/pm2");
export const resultsFolder = here("../results");
export const benchmarksPage = here("../../docs/benchmarks.md");

/** A new folder with a short path: Unix sockets will lie under it. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "hqb-"));
}
