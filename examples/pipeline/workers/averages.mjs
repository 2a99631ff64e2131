// Reads the newest signals and writes their average every half second: the second stage.
import { append, newest } from "./lines.mjs";

console.log("averages: started");
setInterval(() => {
  const prices = newest("data/signals.jsonl", 20).map(({ price }) => price);
  const average = prices.reduce((sum, price) => sum + price, 0) / prices.length;
  append("data/averages.jsonl", { at: new Date().toISOString(), average });
}, 500);
