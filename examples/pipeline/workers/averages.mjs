// Reads the newest signals and writes their average every half second: the second stage.
import { appendFileSync, readFileSync } from "node:fs";

console.log("averages: started");
setInterval(() => {
  const prices = readFileSync("data/signals.jsonl", "utf8")
    .trimEnd()
    .split("\n")
    .slice(-20)
    .map((line) => JSON.parse(line).price);
  const average = prices.reduce((sum, price) => sum + price, 0) / prices.length;
  appendFileSync("data/averages.jsonl", `${JSON.stringify({ at: new Date().toISOString(), average })}\n`);
}, 500);
