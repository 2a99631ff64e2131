import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

/** What is heard of a helper process. */
interface Heard {
  /** A line that it wrote. */
  onLine(line: string): void;
  /** It did not start, with why; or it has ended, without. */
  onGone(problem?: string): void;
}

/**
 * Starts a process of healq's own that answers lines with lines: `node` with these arguments, the program among them. It holds nothing of
 * healq's: no environment, no working directory, and not its event loop; when healq ends its standard input does, and so does it.
 */
export function startLineChild(argv: readonly string[], { onLine, onGone }: Heard): ChildProcess {
  const child = spawn(process.execPath, argv, { cwd: "/", env: {}, stdio: ["pipe", "pipe", "ignore"] });
  child.once("error", (error) => onGone(`the helper process did not start: ${error.message}`));
  child.once("exit", () => onGone());
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", onLine);
  child.unref();
  // Node makes pipes of `spawn` as sockets, but types them as plain streams, which have no unref.
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref();
  return child;
}
