import { join } from "node:path";
import type { AuditEvent } from "../../src/model/audit.ts";
import type { Phase } from "../../src/model/phase.ts";
import type { Status } from "../../src/model/status.ts";
import type { AuditView } from "../../src/views/audit.ts";
import type { TestNode } from "./node.ts";
import { linesOf, shownOf } from "./record.ts";
import { until } from "./wait.ts";

// What a node did and thinks, read from its files under `stateDir`: cheaper than a command, so that a test may look often.

/** The lines of `audit.jsonl` about these targets (none: all), oldest first. */
export function record(node: TestNode, ...targets: string[]): AuditView[] {
  return linesOf(join(node.stateDir, "audit.jsonl"))
    .map((line): AuditView => JSON.parse(line))
    .filter(({ target }) => targets.length === 0 || (target !== null && targets.includes(target)));
}

/** The entries of one event about one target, oldest first. */
export function told(node: TestNode, target: string, event: AuditEvent): AuditView[] {
  return record(node, target).filter((entry) => entry.event === event);
}

/** Waits until an event was told so often of a target, and gives the last of those entries. */
export async function untilTold(
  node: TestNode,
  target: string,
  event: AuditEvent,
  { times = 1, within = 20_000 } = {},
): Promise<AuditView> {
  const nth = () => told(node, target, event)[times - 1];
  return until(nth, { within, what: `${event} of ${target} (${times})` }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${story(node)}`);
  });
}

/** Waits until `status.json` says so of all these targets. */
export async function untilShown(
  node: TestNode,
  targets: readonly string[],
  wanted: { status?: Status; phase?: Phase; within?: number } = { status: "ok", phase: "watching" },
): Promise<void> {
  const shown = () =>
    targets.every((id) => {
      const seen = shownOf(node, id);
      if (seen === undefined) return false;
      return seen.status === (wanted.status ?? seen.status) && seen.phase === (wanted.phase ?? seen.phase);
    });
  const what = `${targets.join(", ")}: ${wanted.status ?? "any status"}, ${wanted.phase ?? "any phase"}`;
  await until(shown, { within: wanted.within ?? 20_000, what }).catch((error: unknown) => {
    throw new Error(
      `${String(error)}\n${JSON.stringify(targets.map((id) => shownOf(node, id)))}\n${story(node)}`,
    );
  });
}

/** What happened, one line each, for the message of a test that fails. */
export function story(node: TestNode): string {
  return record(node)
    .map(({ at, event, target, action, reason }) => [at, event, target, action, reason].join(" "))
    .join("\n");
}
