import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditView } from "../../src/views/audit.ts";
import type { TestNode } from "./node.ts";

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
