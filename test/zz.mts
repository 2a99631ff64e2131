import { readdirSync } from "node:fs";
import { loadWith } from "../src/config/load-with.ts";
import { formatProblem } from "../src/config/problem.ts";
import { testRegistries } from "./config/registries.ts";
for (const f of readdirSync("test/config/bad")) {
  const r = await loadWith(testRegistries, `test/config/bad/${f}`, {WORD:"word", NUMBER:"5"});
  console.log("==",f); if (r.ok) console.log("OK?!"); else for (const p of r.problems) console.log("  "+formatProblem(p).replace("test/config/bad/",""));
}
