import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingParts, pages } from "./pages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const missing = missingParts();
if (missing.length > 0) {
  console.error(`no page was written; these are missing:\n  ${missing.join("\n  ")}`);
  process.exit(1);
}
const written = pages();
for (const [path, text] of written) writeFileSync(join(root, path), text);
// The page of a kind that is gone, or has another name now.
for (const name of readdirSync(join(root, "docs/kinds"))) {
  if (name.endsWith(".md") && !written.has(`docs/kinds/${name}`)) rmSync(join(root, "docs/kinds", name));
}
