import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type OutputFile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/**
 * Left in node_modules: what has files of its own beside its code (Bull Board's pages, pino's threads), and what is loaded late
 * in the life of a node, when another version of healq may lie here. All else is faster to load out of a few files.
 */
const external = ["pino", "pino-pretty", "express", "helmet", "@bull-board/*", "execa", "pg", "mysql2"];

/** CommonJS packages inside of an ES module ask for Node's own modules by `require`. */
const banner = `import { createRequire as healqRequire } from "node:module"; const require = healqRequire(import.meta.url);`;

/** Makes `dist/`: `bin/healq.js`, and `chunks/`, which hold what commands share and what only some of them load. */
async function bundle(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["bin/healq.ts"],
    outdir: join(dist, "bin"),
    chunkNames: "../chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external,
    banner: { js: banner },
    // BullMQ packs a few small values with it, for which a native part is not worth its memory (and it could not be found from here).
    define: { "process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED": '"true"' },
    // With `--debug` the lines of a stack are those of the sources; without it their names are still right.
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    write: false,
  });
  return outputFiles;
}

/** New files come before the entry that names them, and old ones go last: a `healq` that starts meanwhile finds its own. */
function put(files: readonly OutputFile[]): void {
  const isEntry = ({ path }: OutputFile) => path.startsWith(join(dist, "bin"));
  for (const file of [...files].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(`${file.path}.new`, file.contents);
    if (file.path.endsWith("healq.js")) chmodSync(`${file.path}.new`, 0o755);
    renameSync(`${file.path}.new`, file.path);
  }
  const made = new Set(files.map(({ path }) => relative(dist, path)));
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !made.has(relative(dist, path))) rmSync(path);
  }
}

put(await bundle());
