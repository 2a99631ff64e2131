import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { benches } from "./names.ts";

// Runs all benches, one after the other, each in a process of its own. `--quick` makes each short; other arguments (--markdown)
// go to each of them. Exits with 1 when one could not be run to its end; a missed bar is no failure.

const quick = process.argv.includes("--quick");
const passed = process.argv.slice(2).filter((argument) => argument !== "--quick");

function run(name: string, args: readonly string[]): Promise<number> {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], { stdio: "inherit" });
  // Ctrl-C reaches both, SIGTERM is passed on: the bench ends what it has started, and this process waits for it.
  const ignore = () => undefined;
  const passOn = () => child.kill("SIGTERM");
  process.on("SIGINT", ignore).on("SIGTERM", passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", ignore).off("SIGTERM", passOn);
      resolve(code ?? 1);
    });
  });
}

for (const [name, short] of Object.entries(benches)) {
  const code = await run(name, [...(quick ? short : []), ...passed]);
  console.log("");
  if (code === 130) process.exit(code);
  if (code !== 0) process.exitCode = 1;
}
