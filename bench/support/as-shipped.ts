import { rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Runs `bench/NAME/main.ts` out of one bundle, as healq itself is shipped: what translates the sources while they run gives every function
 * its name anew whenever it is made, and that is a fifth of what a look costs. The bundle lies here, because paths in `places.ts` start here.
 */
export async function runAsShipped(name: string): Promise<void> {
  const bundle = fileURLToPath(new URL(`./${name}.built.mjs`, import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  try {
    await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(bundle, { force: true });
  }
}
