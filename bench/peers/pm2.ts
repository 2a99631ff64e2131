import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../support/cleanup.ts";
import { pm2Program } from "../support/places.ts";
import { notInstalled, type Peer, type Temper, type Worker } from "./peer.ts";
import { ask } from "./program.ts";

/** pm2 restarts without a limit what lived for `min_uptime`; what did not, `max_restarts` times. */
const settings: Readonly<Record<Temper, object>> = {
  eager: { autorestart: true, max_restarts: 100_000 },
  default: { autorestart: true },
};

/** A pm2 daemon of the bench's own. */
export interface RunningPm2 {
  readonly pid: number;
  /** pm2's word for an app: online, errored … */
  state(name: string): string;
  stop(): Promise<void>;
}

/** Why there is no pm2; undefined when there is one. */
export function pm2Missing(): string | undefined {
  return existsSync(pm2Program) ? undefined : notInstalled;
}

/** Starts a daemon with these apps in a folder. */
export async function startPm2(
  folder: string,
  apps: readonly object[],
  cleanup: Cleanup,
): Promise<RunningPm2> {
  const home = join(folder, "pm2");
  const env = { ...process.env, PM2_HOME: home, PM2_DISCRETE_MODE: "true" };
  const pm2 = (...args: string[]) => ask([process.execPath, pm2Program, ...args], env);
  const file = join(folder, "pm2.json");
  writeFileSync(file, JSON.stringify({ apps }));
  const stop = cleanup.add(() => pm2("kill"));
  pm2("start", file);
  const pid = Number(readFileSync(join(home, "pm2.pid"), "utf8"));
  return { pid, state: (name) => stateIn(pm2("jlist"), name), stop };
}

/** pm2. */
export const pm2: Peer = {
  name: "pm2",
  noticesHangs: false,
  missing: pm2Missing,
  start: async ({ workers, temper, folder, cleanup }) => {
    const apps = workers.map((worker) => ({ ...appOf(worker, folder), ...settings[temper] }));
    const running = await startPm2(folder, apps, cleanup);
    return {
      config: JSON.stringify({ exec_mode: "fork", ...settings[temper] }),
      settled: () => true,
      state: (id) => running.state(id),
    };
  },
};

function appOf({ id, argv: [, script, ...args] }: Worker, folder: string): object {
  const logs = { out_file: "/dev/null", error_file: "/dev/null" };
  return { name: id, script, args, cwd: folder, interpreter: "node", exec_mode: "fork", ...logs };
}

/** The list is the last line; news of pm2 may stand before it. */
function stateIn(printed: string, name: string): string {
  const line = printed.trim().split("\n").at(-1) ?? "[]";
  try {
    // pm2's own format: a list of apps, each with its name and its environment.
    const apps = JSON.parse(line) as { name: string; pm2_env: { status: string } }[];
    return apps.find((app) => app.name === name)?.pm2_env.status ?? "unknown";
  } catch {
    return "unknown";
  }
}
