import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { healqProgram, type TestNode } from "./node.ts";
import { until } from "./wait.ts";

/** One more `healq up --only …` beside the supervisor of a node; ended when the current test ends. */
export async function startBeside(node: TestNode, roles: string): Promise<{ pid: number; said(): string }> {
  const child = spawn(process.execPath, [healqProgram, "up", "--config", node.configFile, "--only", roles], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await gone;
  });
  await until(() => said.includes("runs on node"), { within: 15_000, what: `--only ${roles} runs` });
  return { pid: child.pid ?? 0, said: () => said };
}
