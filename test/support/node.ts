import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { AuditView } from "../../src/views/audit.ts";
import type { StatusView, TargetView } from "../../src/views/status.ts";
import { makeScratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** The command, as it is built and shipped. */
export const healqProgram = fileURLToPath(new URL("../../dist/bin/healq.js", import.meta.url));

/** What a command printed, and how it exited. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A healq of a test's own, in a folder of its own. */
export interface TestNode {
  /** Holds the config, and what it watches. */
  readonly folder: string;
  readonly stateDir: string;
  readonly configFile: string;
  /** The supervisor's process now. */
  process(): ChildProcess;
  /** Starts `healq up` (again). Resolves when it says that it runs. */
  up(...args: string[]): Promise<void>;
  /** What the newest `healq up` said so far, on both streams. */
  said(): string;
  /** kill -9 of the supervisor; resolves when it is gone. Its processes and its Redis live on. */
  crash(): Promise<void>;
  /** Runs a command on its config. */
  healq(...args: string[]): Promise<Ran>;
  status(target: string): Promise<TargetView>;
  /** Oldest first. */
  audit(...targets: string[]): Promise<AuditView[]>;
  /** The pid in `pids/ID.pid`; undefined when there is none. */
  pid(target: string): number | undefined;
  /** The path of a file in its folder. */
  path(name: string): string;
}

/** A config as the file has it, as an object. `stateDir` and `node` are given. */
export type WrittenConfig = Readonly<Record<string, unknown>> & {
  readonly targets: Readonly<Record<string, object>>;
};

/** What most tests want: no web part, which needs a port. */
export const withoutWeb = ["--only", "scheduler,check,heal,alert"];

/**
 * Makes a folder with a config, without starting anything. When the test ends, healq, its processes and its Redis are stopped
 * and the folder is removed. Files of the folder that the config needs are written by `files`.
 */
export function makeNode(
  config: WrittenConfig,
  options: { env?: Record<string, string>; files?: Record<string, string> } = {},
): TestNode {
  const folder = makeScratch();
  const configFile = join(folder, "healq.yaml");
  const stateDir = join(folder, "state");
  writeFileSync(configFile, JSON.stringify({ node: "test", stateDir: "state", ...config }, null, 1));
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), text);
  const env = { ...process.env, ...options.env };
  let running: ChildProcess | undefined;
  let said = "";

  const healq = (...args: string[]) => run([...args, "--config", configFile], env);
  const node: TestNode = {
    folder,
    stateDir,
    configFile,
    process: () => {
      if (running === undefined) throw new Error("healq was not started");
      return running;
    },
    up: async (...args) => {
      const flags = args.length > 0 ? args : withoutWeb;
      const child = spawn(process.execPath, [healqProgram, "up", "--config", configFile, ...flags], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      running = child;
      said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
      const ended = () => child.exitCode ?? child.signalCode;
      await until(() => ended() !== null || said.includes("runs on node"), {
        within: 15_000,
        what: "healq says that it runs",
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${said}`);
      });
      if (ended() !== null) throw new Error(`healq ended with ${ended()}: ${said}`);
    },
    said: () => said,
    crash: async () => {
      const child = node.process();
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
    healq,
    status: async (target) => {
      const { stdout } = await healq("status", "--json");
      const view: StatusView = JSON.parse(stdout);
      const found = view.targets.find(({ id }) => id === target);
      if (found === undefined) throw new Error(`no status of ${target}: ${stdout}`);
      return found;
    },
    audit: async (...targets) => {
      const { stdout } = await healq("audit", ...targets, "--json", "--limit", "1000");
      return stdout
        .split("\n")
        .filter(Boolean)
        .map((line): AuditView => JSON.parse(line));
    },
    pid: (target) => {
      try {
        return Number(readFileSync(join(stateDir, "pids", `${target}.pid`), "utf8"));
      } catch {
        return undefined;
      }
    },
    path: (name) => join(folder, name),
  };
  onTestFinished(() => end(node, () => running));
  return node;
}

/** Makes a node and starts it. */
export async function startNode(...made: Parameters<typeof makeNode>): Promise<TestNode> {
  const node = makeNode(...made);
  await node.up();
  return node;
}

/** Ends everything, whatever state the test left it in; `down --workers` does so without a supervisor too. */
async function end(node: TestNode, running: () => ChildProcess | undefined): Promise<void> {
  const alive = () => running()?.exitCode === null && running()?.signalCode === null;
  running()?.kill("SIGCONT");
  if (running() !== undefined) {
    let down = await node.healq("down", "--workers");
    if (alive() && down.code !== 0) {
      // A healq that does not answer: what it leaves behind is ended without it.
      await node.crash();
      down = await node.healq("down", "--workers");
    }
    await until(() => !alive(), { within: 10_000, what: `healq ends: ${down.stderr}` });
  }
  rmSync(node.folder, { recursive: true, force: true });
}

/** Runs the built command to its end. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [healqProgram, ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => (stdout += bytes));
    child.stderr.on("data", (bytes) => (stderr += bytes));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
