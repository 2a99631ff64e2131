import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benches } from "./names.ts";
import { benchmarksPage, resultsFolder } from "./support/places.ts";
import { markdown } from "./support/report.ts";

// Puts the last results (bench/results/NAME.json) into docs/benchmarks.md, between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.

let page = readFileSync(benchmarksPage, "utf8");
for (const name of Object.keys(benches)) {
  const file = join(resultsFolder, `${name}.json`);
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [before, rest] = page.split(begin);
  const [, after] = (rest ?? "").split(end);
  if (after === undefined) throw new Error(`docs/benchmarks.md has no ${begin} … ${end}`);
  if (!existsSync(file)) {
    console.log(`${name}: no result yet; npm run bench:${name}`);
    continue;
  }
  page = `${before}${begin}\n\n${markdown(JSON.parse(readFileSync(file, "utf8")))}\n\n${end}${after}`;
  console.log(`${name}: written`);
}
writeFileSync(benchmarksPage, page);
