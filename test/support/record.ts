import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditView } from "../../src/views/audit.ts";
import type { TestNode } from "./node.ts";
import { until } from "./wait.ts";

/** The whole lines of a file; none when it is not there. */
export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

/** What `audit.jsonl` says so far, of one target or of all, oldest first: as the command does, at no cost. */
export function auditOf(node: Pick<TestNode, "stateDir">, target?: string): AuditView[] {
  return linesOf(join(node.stateDir, "audit.jsonl"))
    .map((line): AuditView => JSON.parse(line))
    .filter((entry) => target === undefined || entry.target === target);
}

/** How often each event was told of a target. */
export function eventsOf(node: TestNode, target: string): Partial<Record<AuditView["event"], number>> {
  const counts: Partial<Record<AuditView["event"], number>> = {};
  for (const { event } of auditOf(node, target)) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

/** What `status.json` says of a target; undefined before its first look. */
export function shownOf(
  node: Pick<TestNode, "stateDir">,
  target: string,
): { pid: number | null; status: string; phase: string; state: string | null } | undefined {
  try {
    return JSON.parse(readFileSync(join(node.stateDir, "status.json"), "utf8"))[target];
  } catch {
    return undefined; // healq has not written it yet
  }
}

/** What is being done to a process (`intent/ID.json`): `spawning`, `stopping` …; undefined when nothing is. */
export function stageOf(node: TestNode, target: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(node.stateDir, "intent", `${target}.json`), "utf8")).stage;
  } catch {
    return undefined;
  }
}

/** Resolves when a process target is well, out of any incident, with the pid that it has now. */
export async function untilWell(node: TestNode, target: string): Promise<void> {
  const isWell = () => {
    const seen = shownOf(node, target);
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
