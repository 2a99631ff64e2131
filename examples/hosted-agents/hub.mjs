// Hands out a text at each question, on a port that is another one after each start; data/hub.port says which.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

let count = 0;
const server = createServer((_request, response) => {
  count += 1;
  response.end(`text number ${count}`);
});
server.listen(0, "127.0.0.1", () => {
  mkdirSync("data", { recursive: true });
  writeFileSync("data/hub.port", String(server.address().port));
  console.log(`hub on port ${server.address().port}`);
});
