// A link of the chain: whenever something new stands at the end of its input, it writes a line of its own.
import { appendFileSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

const [input, out] = process.argv.slice(2);
mkdirSync(dirname(out), { recursive: true });
let seen = 0;
setInterval(() => {
  const { size } = statSync(input, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size === seen) return;
  seen = size;
  appendFileSync(out, `${JSON.stringify({ at: Date.now(), of: size })}\n`);
}, 100);
