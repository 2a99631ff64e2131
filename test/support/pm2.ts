import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { putOnPath } from "./path.ts";
import { makeScratch } from "./scratch.ts";

const programs = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));

/** A pm2 of a test's own, with a home of its own; the command is on PATH until the test ends, and then its daemon and all apps are ended. */
export interface TestPm2 {
  readonly home: string;
  /** PATH and PM2_HOME, for a healq of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of pm2, and returns what it printed. */
  run(...words: string[]): string;
  /** The pid of an app's only process now, as pm2 tells it; 0 when it does not run. */
  pid(app: string): number;
}

/** Makes one; no daemon runs before the first command. */
export function privatePm2(): TestPm2 {
  const home = makeScratch();
  putOnPath(programs);
  const env = { PM2_HOME: home, PATH: process.env.PATH ?? programs };
  const run = (...words: string[]) =>
    execFileSync(join(programs, "pm2"), words, {
      env: { ...process.env, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  onTestFinished(() => {
    if (existsSync(join(home, "pm2.pid"))) run("kill");
    rmSync(home, { recursive: true, force: true });
  });
  const pid = (app: string) => {
    const list: { name: string; pid?: number }[] = JSON.parse(run("jlist"));
    return list.find(({ name }) => name === app)?.pid ?? 0;
  };
  return { home, env, run, pid };
}
