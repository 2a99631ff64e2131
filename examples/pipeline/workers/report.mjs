// Keeps a one-line report of the newest average: the last stage.
import { renameSync, writeFileSync } from "node:fs";
import { newest } from "./lines.mjs";

console.log("report: started");
setInterval(() => {
  const [last] = newest("data/averages.jsonl", 1);
  writeFileSync("data/report.json.new", `${JSON.stringify(last)}\n`);
  renameSync("data/report.json.new", "data/report.json");
}, 1_000);
