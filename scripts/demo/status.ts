import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StatusView, TargetView } from "../../src/views/status.ts";
import type { StatusFileEntry } from "../../src/views/status-file.ts";
import type { Healq } from "./healq.ts";
import { type Patient, targets } from "./world.ts";

/** A process that is younger than this reads `starting`, whatever ails it: `startGrace` of overlay.yaml, in milliseconds. */
const grace = 3_000;

/** What healq thinks of its targets now, by `status.json`; empty before it wrote one. */
export function readStatus(stateDir: string): Readonly<Record<string, StatusFileEntry>> {
  try {
    return JSON.parse(readFileSync(join(stateDir, "status.json"), "utf8"));
  } catch {
    return {};
  }
}

/** All targets are well and out of any incident, and these were started long enough ago to be broken. */
export function isCalm(stateDir: string, next: readonly Patient[]): boolean {
  const all = readStatus(stateDir);
  const areWell = Object.values(all).every(({ status, phase }) => status === "ok" && phase === "watching");
  return (
    targets.every((target) => target in all) &&
    areWell &&
    next.every((target) => age(stateDir, target) > grace)
  );
}

function age(stateDir: string, target: Patient): number {
  const file = statSync(join(stateDir, "pids", `${target}.pid`), { throwIfNoEntry: false });
  return file === undefined ? Infinity : Date.now() - file.mtimeMs;
}

/** One target as `healq status --json` has it. */
export async function statusOf(healq: Healq, target: Patient): Promise<TargetView | undefined> {
  const { stdout } = await healq.run("status", target, "--json");
  const view: Partial<StatusView> = stdout === "" ? {} : JSON.parse(stdout);
  return view.targets?.find(({ id }) => id === target);
}
