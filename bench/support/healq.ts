import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { healqProgram } from "./places.ts";
import { familyOf } from "./processes.ts";
import { need } from "./wait.ts";

/** A healq that runs as a user would run it: the built command, all its parts, its private Redis. */
export interface RunningHealq {
  readonly configFile: string;
  readonly stateDir: string;
  /** Its processes and its Redis, without the workers. */
  pids(): number[];
  /** What `status.json` says of a target. */
  shown(id: string): { status?: string; phase?: string; state?: string };
  /** Ends it, its workers and its Redis. */
  stop(): Promise<void>;
}

/** Starts a healq with this config in a folder; resolves when it says that it runs. */
export async function startHealq(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  cleanup: Cleanup,
): Promise<RunningHealq> {
  if (!existsSync(healqProgram)) throw new Error("healq is not built: npm run build");
  const [configFile, stateDir] = [join(folder, "healq.yaml"), join(folder, "state")];
  writeFileSync(
    configFile,
    JSON.stringify({ node: "bench", stateDir: "state", web: { port: 0 }, ...config }),
  );
  const up = run(["up", "-c", configFile]);
  const pid = up.child.pid ?? 0;
  const stop = cleanup.add(async () => {
    const down = run(["down", "--workers", "-c", configFile]);
    if ((await down.code) !== 0) console.error(`healq down: ${down.said()}`);
    up.child.kill("SIGKILL");
  });
  await need(
    () => {
      if (up.child.exitCode !== null)
        throw new Error(`healq up ended with code ${up.child.exitCode}:\n${up.said()}`);
      return up.runs();
    },
    { within: 180_000, what: "healq says that it runs" },
  );
  const server = join(stateDir, "redis", "server.json");
  const shown = () => JSON.parse(readFileSync(join(stateDir, "status.json"), "utf8"));
  return {
    configFile,
    stateDir,
    // Redis is of the family or not, as healq has started or adopted it: it counts once.
    pids: () => {
      const workers = new Set(workersOf(stateDir));
      const own = familyOf(pid).filter((each) => !workers.has(each));
      return [...new Set([...own, Number(JSON.parse(readFileSync(server, "utf8")).pid)])];
    },
    shown: (id) => {
      try {
        return shown()[id] ?? {};
      } catch {
        return {};
      }
    },
    stop,
  };
}

/** The pids of the processes that it runs. */
function workersOf(stateDir: string): number[] {
  const folder = join(stateDir, "pids");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".pid"))
    .map((name) => Number(readFileSync(join(folder, name), "utf8")));
}

function run(args: readonly string[]) {
  const child = spawn(process.execPath, [healqProgram, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let text = "";
  let runs = false;
  const keep = (bytes: Buffer) => {
    text += bytes;
    runs ||= text.includes("runs on node");
    text = text.slice(-10_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, code, runs: () => runs, said: () => text.trim().split("\n").slice(-5).join("\n") };
}
