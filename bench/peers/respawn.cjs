// The floor: the least that can be done. Spawns each worker of a JSON file, and spawns it again when it hears of its exit.
const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");

const living = new Set();
let ending = false;

function keep(argv) {
  const child = spawn(argv[0], argv.slice(1), { stdio: "ignore" });
  living.add(child);
  child.once("exit", () => {
    living.delete(child);
    if (!ending) keep(argv);
  });
}

process.once("SIGTERM", () => {
  ending = true;
  for (const child of living) child.kill("SIGKILL");
});
for (const argv of JSON.parse(readFileSync(process.argv[2], "utf8"))) keep(argv);
