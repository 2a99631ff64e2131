// Sells at the newest average: answers with the price over HTTP, and notes it every half second. It has two faults that
// monitoring of the process alone never sees. An order that is no JSON is kept, and from then on every page fails; and
// who switches maintenance on may forget to switch it off, and nothing is noted any more.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { append, newest } from "./lines.mjs";

const orders = [];
let inMaintenance = false;

const price = () => newest("data/averages.jsonl", 1)[0]?.average;
const sold = () => orders.reduce((sum, order) => sum + JSON.parse(order).amount, 0);

setInterval(() => {
  if (!inMaintenance) append("data/quotes.jsonl", { at: new Date().toISOString(), price: price() });
}, 500);

createServer(async (request, response) => {
  const body = await text(request);
  try {
    if (request.method === "POST" && request.url === "/orders") orders.push(body);
    else if (request.method === "POST" && request.url === "/maintenance") inMaintenance = true;
    else response.write(JSON.stringify({ price: price(), sold: sold() }));
  } catch (error) {
    console.error(`quotes: ${error.message}`);
    response.statusCode = 500;
  }
  response.end();
}).listen(Number(process.env.QUOTES_PORT), "127.0.0.1", () => console.log("quotes: started"));
