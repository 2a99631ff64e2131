#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// For the one that stays, and before anything is loaded, for what has grown stays: see `letHeapGrow` in workers/heap.ts.
if (process.argv[2] === "up") {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--no-opt");
}
// A stack that is to be shown names the lines of the sources.
if (process.argv.includes("--debug")) process.setSourceMapsEnabled(true);
const { main } = await import("../src/cli/main.ts");

await main(process.argv, { up: () => import("../workers/up.ts") });
