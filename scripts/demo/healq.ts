import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { AuditView } from "../../src/views/audit.ts";
import type { Scratch } from "./scratch.ts";

/** The command, as it is built and shipped. */
const program = fileURLToPath(new URL("../../dist/bin/healq.js", import.meta.url));

/** What a command printed, and how it exited. */
interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The healq of the demo, reached as anybody reaches it: by its command line. */
export interface Healq {
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ran>;
  /** `healq audit --follow --json`: hands on each entry, those that there are and those that come; `lost` when it ends by itself. */
  follow(heard: (entry: AuditView) => void, lost: (why: string) => void): void;
  /** Ends `follow`, and resolves when it has ended. */
  unfollow(): Promise<void>;
}

export function openHealq({ configFile, env }: Scratch): Healq {
  let following: { child: ChildProcess; gone: Promise<void> } | undefined;
  const start = (args: readonly string[]) => {
    // In a group of its own: Ctrl-C at the terminal is for the demo, which ends what it started in its own order.
    return spawn(process.execPath, [program, ...args, "-c", configFile], {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  return {
    run: (...args) =>
      new Promise((resolve, reject) => {
        const child = start(args);
        let [stdout, stderr] = ["", ""];
        child.stdout.on("data", (bytes) => (stdout += bytes));
        child.stderr.on("data", (bytes) => (stderr += bytes));
        child.once("error", reject);
        child.once("close", (code) => resolve({ code, stdout, stderr }));
      }),
    follow: (heard, lost) => {
      const child = start(["audit", "--follow", "--json", "--limit", "1000"]);
      let stderr = "";
      child.stderr.on("data", (bytes) => (stderr += bytes));
      createInterface({ input: child.stdout }).on("line", (line) => heard(JSON.parse(line)));
      const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
      following = { child, gone };
      void gone.then(() => {
        if (following !== undefined) lost(`healq audit --follow ended: ${stderr.trim()}`);
      });
    },
    unfollow: async () => {
      const { child, gone } = following ?? {};
      following = undefined;
      child?.kill("SIGTERM");
      await gone;
    },
  };
}
