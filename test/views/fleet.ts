import type { Config } from "../../src/model/config.ts";
import type { LookRecord, NodeRecord, TargetRecord } from "../../src/model/fleet.ts";
import type { TargetState } from "../../src/model/state.ts";
import type { Target } from "../../src/model/target.ts";
import { initialState } from "../../src/policy/initial.ts";
import { makeTarget } from "../support/target.ts";

/** The moment at which all examples are shown. */
export const now = Date.parse("2026-11-22T01:00:00.000Z");

/** A config with these targets, on node `trading-1`. */
export function configOf(targets: readonly Target[]): Config {
  return {
    file: "healq.yaml",
    base: "/etc/healq",
    node: "trading-1",
    stateDir: "/var/lib/healq",
    timezone: "UTC",
    targets: new Map(targets.map((target) => [target.id, target])),
    limits: { heals: { max: 60, per: 60_000 }, concurrency: 16, maxUnhealthy: 0.5 },
    alerts: [],
    web: { host: "127.0.0.1", port: 3210, tokens: [] },
  };
}

/** A target that is looked at by these nodes. */
export function targetOn(id: string, nodes: Target["nodes"], kind = "process"): Target {
  return makeTarget<unknown>(id, {}, { kind, nodes });
}

/** A node that was seen a moment ago. */
export function node(name: string, more: Partial<NodeRecord> = {}): NodeRecord {
  const about = {
    node: name,
    pid: 7,
    host: name,
    version: "0.1.0",
    startedAt: now - 90_000,
    seenAt: now - 300,
  };
  return { ...about, alive: true, targets: [], ...more };
}

/** A target as the store has it. */
export function record(
  id: string,
  parts: { node?: string; kind?: string; look?: Partial<LookRecord>; state?: Partial<TargetState> } = {},
): TargetRecord {
  const look: LookRecord = {
    at: now - 1_990,
    status: "ok",
    message: "running, answered in 4 ms",
    metrics: { rss: 31_457_280, latencyMs: 4 },
    durationMs: 4.2,
    findings: [],
    ...parts.look,
  };
  const state: TargetState = { ...initialState(now - 3_000_000), status: look.status, ...parts.state };
  return { id, kind: parts.kind ?? "process", node: parts.node ?? "trading-1", look, state };
}
