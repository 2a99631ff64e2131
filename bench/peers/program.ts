import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, openSync } from "node:fs";
import { delimiter, join } from "node:path";
import { waitFor } from "../support/wait.ts";

/** Where a program is; Debian keeps some outside of a user's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Starts a program that stays in the foreground, with its output in a file. */
export function startProgram(
  argv: readonly string[],
  { log, env }: { log: string; env?: NodeJS.ProcessEnv },
) {
  const [program = "", ...args] = argv;
  const out = openSync(log, "a");
  return spawn(program, args, { stdio: ["ignore", out, out], env: env ?? process.env });
}

/** SIGTERM, and SIGKILL for what has not ended 10 s later. */
export async function endProgram(child: ChildProcess): Promise<void> {
  const ended = () => (child.exitCode === null && child.signalCode === null ? undefined : true);
  if (ended()) return;
  child.kill("SIGTERM");
  if ((await waitFor(ended, { within: 10_000, every: 20 })) === undefined) child.kill("SIGKILL");
}

/** What a command prints, whatever its exit code. */
export function ask(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  const [program = "", ...args] = argv;
  try {
    return execFileSync(program, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // The error of execFileSync carries what was printed.
    return String((error as { stdout?: unknown }).stdout ?? "");
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
