// Writes a made-up price signal every half second: the first stage of the pipeline.
import { appendFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";

const port = Number(process.env.SIGNALS_PORT ?? 5000);
mkdirSync("data", { recursive: true });
let written = 0;
let price = 100;
setInterval(() => {
  price += Math.random() - 0.5;
  written += 1;
  appendFileSync("data/signals.jsonl", `${JSON.stringify({ at: new Date().toISOString(), price })}\n`);
}, 500);
createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ status: "ok", written }));
}).listen(port, "127.0.0.1", () => console.log(`signals: health on port ${port}`));
