// Takes a text from the hub every half second. It asks for the port only when it starts, as many programs do.
import { readFileSync, writeFileSync } from "node:fs";
import { count } from "words";

const port = readFileSync("data/hub.port", "utf8");

setInterval(async () => {
  try {
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    writeFileSync("data/text", text);
    console.log(`took ${count(text)} words`);
  } catch (error) {
    console.error(`cannot take a text: ${error.cause?.message ?? error.message}`);
  }
}, 500);
