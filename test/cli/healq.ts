import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { healqProgram } from "../support/node.ts";
import { scratch } from "../support/scratch.ts";

/** How one run ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Where and with what a command runs. */
export interface Place {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the command; it is ended with the test. */
export function startHealq(
  args: readonly string[],
  place: Place,
): ChildProcessWithoutNullStreams & { ended: Promise<Ended> } {
  const { HEALQ_CONFIG: _config, NO_COLOR: _noColor, COLUMNS: _columns, ...env } = process.env;
  const child = spawn(process.execPath, [healqProgram, ...args], {
    cwd: place.cwd,
    env: { ...env, ...place.env },
  });
  const pieces = { out: [] as string[], err: [] as string[] };
  child.stdout.setEncoding("utf8").on("data", (text: string) => void pieces.out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void pieces.err.push(text));
  const ended = new Promise<Ended>((done) =>
    child.once("close", (code) => done({ code, out: pieces.out.join(""), err: pieces.err.join("") })),
  );
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  });
  return Object.assign(child, { ended });
}

/** Runs the command to its end. */
export function healq(args: readonly string[], place: Place): Promise<Ended> {
  const child = startHealq(args, place);
  child.stdin.end();
  return child.ended;
}

/** A folder with a healq.yaml, removed after the test. */
export function folderWith(config: string): string {
  const folder = scratch();
  writeFileSync(join(folder, "healq.yaml"), config);
  return folder;
}
