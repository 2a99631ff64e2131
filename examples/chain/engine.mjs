// The top of the chain: writes a line five times a second. SIGUSR2 makes it stop writing and live on, as a deadlock would.
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

const [out] = process.argv.slice(2);
mkdirSync(dirname(out), { recursive: true });
if (existsSync("data/broken")) {
  console.error("cannot start: data/broken is there");
  process.exit(3);
}
const write = () => appendFileSync(out, `${JSON.stringify({ at: Date.now(), signal: Math.random() })}\n`);
let writing = setInterval(write, 200);
write();
process.on("SIGUSR2", () => {
  clearInterval(writing);
  writing = setInterval(() => undefined, 1_000);
});
