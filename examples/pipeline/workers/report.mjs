// Keeps a one-line report of the newest average: the last stage.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

console.log("report: started");
setInterval(() => {
  const newest = readFileSync("data/averages.jsonl", "utf8").trimEnd().split("\n").at(-1);
  writeFileSync("data/report.json.new", `${newest}\n`);
  renameSync("data/report.json.new", "data/report.json");
}, 1_000);
