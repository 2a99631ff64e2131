import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { HealqError } from "../model/errors.ts";

/** How long another healq may take for what it does under the same lock, in seconds. */
const patience = 5;

/**
 * Does something while an advisory lock on a file is held. Node has no flock(2), but the `flock` program can take it on a
 * descriptor that it shares with us, and then it is ours until we close it or die. Where the program is missing
 * the work is done without. Rejects with a `HealqError` when somebody else holds the lock for 5 s.
 */
export async function withFlock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    if (!(await take(fd)))
      throw new HealqError(
        "locked",
        `another healq has held ${path} for ${patience} s: is one starting, or stopped in the middle of it?`,
      );
    return await work();
  } finally {
    closeSync(fd);
  }
}

function take(fd: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("flock", ["-x", "-w", String(patience), "3"], {
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    child.once("error", () => resolve(true));
    // BusyBox has no -w and says so with 1 at once, like a lock that is held: it is asked again without waiting.
    child.once("exit", (code) => (code === 0 ? resolve(true) : takeAtOnce(fd, resolve)));
  });
}

function takeAtOnce(fd: number, resolve: (taken: boolean) => void): void {
  const child = spawn("flock", ["-x", "-n", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
  child.once("error", () => resolve(true));
  child.once("exit", (code) => resolve(code === 0));
}
