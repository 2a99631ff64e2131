import type { Config } from "../model/config.ts";
import { targetsOn } from "../model/config.ts";
import type { Pause } from "../model/fleet.ts";
import type { Phase } from "../model/phase.ts";
import type { ProcessState } from "../model/process.ts";
import type { Status } from "../model/status.ts";
import { isPaused, type StatusView, shownState, type TargetView } from "./status.ts";
import { iso } from "./time.ts";

/** One target of `stateDir/status.json` (contract §7). */
export interface StatusFileEntry {
  readonly pid: number | null;
  readonly status: Status;
  readonly phase: Phase;
  readonly state: ProcessState | null;
}

/**
 * The status of this node's targets as its supervisor wrote it last: all there is while Redis is away. The message says
 * how old it is, in words of `said`.
 */
export function statusFileView(
  config: Config,
  parts: {
    entries: Readonly<Record<string, StatusFileEntry>>;
    pauses: readonly Pause[];
    now: number;
    said: string;
  },
): StatusView {
  const targets = targetsOn(config, config.node).map((target): TargetView => {
    const entry = Object.hasOwn(parts.entries, target.id) ? parts.entries[target.id] : undefined;
    const phase = entry?.phase ?? "watching";
    return {
      id: target.id,
      kind: target.kind,
      node: config.node,
      status: entry?.status ?? "unknown",
      phase,
      state: shownState(target.kind, phase, entry?.state ?? undefined),
      pid: entry?.pid ?? null,
      since: null,
      message: entry === undefined ? "not looked at yet" : parts.said,
      lastCheck: null,
      incident: null,
      heals: { ok: 0, failed: 0 },
      metrics: {},
    };
  });
  const paused = isPaused(parts.pauses, parts.now);
  return { node: config.node, at: iso(parts.now), source: "status.json", paused, targets };
}
