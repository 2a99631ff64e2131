import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditView } from "../../src/views/audit.ts";
import type { TestNode } from "./node.ts";
import { until } from "./wait.ts";

/** What `audit.jsonl` says so far, oldest first: read in microseconds, for polling; `node.audit` asks the command. */
export function recordOf({ stateDir }: Pick<TestNode, "stateDir">, target?: string): AuditView[] {
  return linesOf(join(stateDir, "audit.jsonl"))
    .map((line): AuditView => JSON.parse(line))
    .filter((entry) => target === undefined || entry.target === target);
}

/** What `status.json` says of a target; undefined while it says nothing. */
export function boardOf(
  { stateDir }: Pick<TestNode, "stateDir">,
  target: string,
): { pid: number | null; status: string; phase: string; state: string | null } | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, "status.json"), "utf8"))[target];
  } catch {
    return undefined;
  }
}

/** The lines of a file; none while it is not there. */
export function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/** Resolves when a process target is well, out of any incident, with the pid that it has now. */
export async function untilWell(node: TestNode, target: string): Promise<void> {
  const isWell = () => {
    const seen = boardOf(node, target);
    return seen?.status === "ok" && seen.phase === "watching" && seen.pid === node.pid(target);
  };
  await until(isWell, { within: 25_000, what: `${target} is well` });
}

/** Kills a process with -9; resolves to the pid of the next one and how long it took to come, in milliseconds. */
export async function untilBack(node: TestNode, target: string): Promise<{ pid: number; ms: number }> {
  const before = node.pid(target) ?? 0;
  const at = performance.now();
  process.kill(before, "SIGKILL");
  const next = () => (node.pid(target) === before ? undefined : node.pid(target));
  const pid = await until(next, { within: 25_000, what: `${target} is back` });
  return { pid, ms: performance.now() - at };
}
