import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** What to run; the program's path is absolute. */
export interface Run {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** At most this many bytes of each stream are kept; the rest is read and thrown away, so that the program does not block. Default: 64 KiB. */
  readonly limit?: number;
}

/** How a run ended. */
export type Ran =
  | { readonly end: "exit"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly end: "signal"; readonly signal: string }
  | { readonly end: "aborted" }
  | { readonly end: "not started"; readonly error: Error };

/** Bytes of each stream that are kept unless the run says otherwise. */
const outputLimit = 64 * 1024;

/** A grandchild may hold the pipes after the program has ended; its output is waited for no longer than this. Milliseconds. */
const drainFor = 100;

/**
 * Runs a program in a group of its own, with nothing on its stdin, and ends the whole group when `signal` aborts. Never rejects.
 * What a program leaves running after it ended by itself is left alone: its pid, and so its group's number, may be another's by then.
 */
export function runProgram(run: Run): Promise<Ran> {
  const [program, ...args] = run.argv;
  if (run.signal.aborted) return Promise.resolve({ end: "aborted" });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: run.cwd,
      env: run.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = [collect(child.stdout, run.limit), collect(child.stderr, run.limit)];
    const abort = () => killGroup(child);
    run.signal.addEventListener("abort", abort, { once: true });
    child.once("error", (error) => resolve({ end: "not started", error }));
    child.once("exit", async (code, signal) => {
      run.signal.removeEventListener("abort", abort);
      const texts = await Promise.all([stdout.text(), stderr.text()]);
      if (run.signal.aborted) resolve({ end: "aborted" });
      else if (code === null) resolve({ end: "signal", signal: signal ?? "a signal" });
      else resolve({ end: "exit", code, stdout: texts[0], stderr: texts[1] });
    });
  });
}

/** Our own child, not yet waited for: its pid cannot be another process', so its group is its own. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group ended in this very moment; "exit" is on its way.
  }
}

function collect(stream: Readable, limit = outputLimit): { text(): Promise<string> } {
  const chunks: Buffer[] = [];
  let room = limit;
  stream.on("data", (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  return {
    text: async () => {
      const timer = setTimeout(() => stream.destroy(), drainFor);
      await closed;
      clearTimeout(timer);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
