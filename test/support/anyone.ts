import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { HealResult } from "../../src/model/heal.ts";
import { scratch } from "./scratch.ts";

const program = fileURLToPath(new URL("./plain-client.mjs", import.meta.url));

/** What anyone adds to a queue. */
export interface AskedJob {
  readonly name: string;
  readonly data: unknown;
  readonly opts?: object;
}

/** How one job ended for who added it. */
export interface EndedJob {
  readonly id: string;
  readonly value?: HealResult;
  readonly error?: string;
  readonly log: readonly string[];
}

/** Where to: the queue `heal` unless told otherwise. */
export interface AskOptions {
  readonly queue?: string;
  readonly prefix?: string;
  /** This queue is paused, then the process `kill` is killed, and it goes on once all the jobs were handed over. */
  readonly hold?: { readonly queue: string; readonly prefix: string; readonly kill?: number };
  /** A failed job of the queue that is run again, as one more. */
  readonly retry?: string;
}

/** Adds jobs from a process of its own that has nothing of healq in it, and waits for their ends. `jobs` as JSON text goes in as it is. */
export async function ask(
  socket: string,
  jobs: readonly AskedJob[] | string,
  options: AskOptions = {},
): Promise<EndedJob[]> {
  const file = join(scratch(), "ask.json");
  const text = typeof jobs === "string" ? jobs : JSON.stringify(jobs);
  const to = { queue: "heal", prefix: "{healq}", ...options };
  writeFileSync(file, `${JSON.stringify(to).slice(0, -1)},"jobs":${text}}`);
  const { stdout } = await promisify(execFile)(process.execPath, [program, socket, file], {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 90_000,
  });
  return JSON.parse(stdout);
}
