import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";

/** A process of this test, in a group of its own; the group is ended when the current test ends. */
export function run(
  argv: readonly [string, ...string[]],
  options: { cwd?: string } = {},
): ChildProcess & { pid: number } {
  const [program, ...args] = argv;
  const child = spawn(program, args, { ...options, detached: true, stdio: "ignore" });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    // It is our own child and was not waited for yet, so the group is still its own.
    process.kill(-pid, "SIGKILL");
    await gone;
  });
  return Object.assign(child, { pid });
}
