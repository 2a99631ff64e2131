// Writes a made-up price every half second, and says over HTTP how many it has written: the first stage of the pipeline.
import { createServer } from "node:http";
import { append } from "./lines.mjs";

const port = Number(process.env.SIGNALS_PORT ?? 5000);
let written = 0;
let price = 100;
setInterval(() => {
  price += Math.random() - 0.5;
  written += 1;
  append("data/signals.jsonl", { at: new Date().toISOString(), price });
}, 500);
createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ status: "ok", written }));
}).listen(port, "127.0.0.1", () => console.log(`signals: health on port ${port}`));
