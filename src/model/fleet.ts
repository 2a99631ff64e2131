import type { AuditEntry } from "./audit.ts";
import type { HealResult, Wish } from "./heal.ts";
import type { Incident } from "./incident.ts";
import type { Observation } from "./observation.ts";
import type { TargetState } from "./state.ts";

/** The newest look at a target, as it is kept for display. */
export type LookRecord = Pick<
  Observation,
  "at" | "status" | "message" | "metrics" | "durationMs" | "findings"
> & { readonly [Name in "state" | "pid"]?: Observation[Name] | undefined };

/** Everything kept about a target. `state` and `look` are absent until the first look. */
export interface TargetRecord {
  readonly id: string;
  readonly kind: string;
  readonly node: string;
  readonly state?: TargetState;
  readonly look?: LookRecord;
}

/** A node as it announces itself once a second or so. */
export interface NodeRecord {
  readonly node: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly seenAt: number;
  readonly alive: boolean;
  readonly targets: readonly AnnouncedTarget[];
}

/** What a node says of a target: never how it is healed. */
export interface AnnouncedTarget {
  readonly id: string;
  readonly kind: string;
  /** Applications that one heal of it may have, at most. */
  readonly tries: number;
}

/** The kill switch (`target` absent) or a silence. Times in milliseconds since the epoch. */
export interface Pause {
  readonly target?: string;
  /** Empty when the person gave none. */
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  readonly until?: number;
}

/** Which audit entries: the newest `limit` of those that match, oldest first. */
export interface AuditQuery {
  readonly targets?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly limit: number;
}

/** What can be read of the fleet from any place that reaches Redis. */
export interface FleetReader {
  nodes(): Promise<NodeRecord[]>;
  /** Those of all nodes; the own node's first. */
  targets(): Promise<TargetRecord[]>;
  pauses(): Promise<Pause[]>;
  audit(query: AuditQuery): Promise<AuditEntry[]>;
  /** New entries as they come, until aborted. */
  follow(query: Pick<AuditQuery, "targets">, signal: AbortSignal): AsyncIterable<AuditEntry>;
  incidents(query: { open?: boolean }): Promise<Incident[]>;
  incident(id: string): Promise<{ incident: Incident; timeline: AuditEntry[] } | undefined>;
}

/** A heal that was asked for. */
export interface RequestedHeal {
  readonly job: string;
  /** The lines of the job's log so far, oldest first, for showing progress. */
  log?(): Promise<readonly string[]>;
  /** The outcome; rejects with the reason when the heal failed. */
  result(): Promise<HealResult>;
}

/** A place in a log from which reading goes on. */
export interface LogPlace {
  readonly offset: number;
  readonly file: string;
}

/** What a process wrote, or the newest of it, read by its own node. Secrets that the node knows are removed. */
export interface LogPart {
  readonly node: string;
  /** Empty when there is nothing (new). */
  readonly text: string;
  /** For the next request; absent as long as there is no log. */
  readonly next?: LogPlace;
  /** There is more right now. */
  readonly more: boolean;
  /** Fewer lines than were asked for: so much is not sent over Redis. */
  readonly cut: boolean;
}

/** What anyone may ask of the fleet; every request is validated by the node that does it. */
export interface FleetRequests {
  heal(request: {
    target: string;
    reason?: string;
    requestedBy: string;
    dryRun?: boolean;
    force?: boolean;
  }): Promise<RequestedHeal>;
  /** Looks at them now; resolves when the looks are recorded. */
  check(targets: readonly string[]): Promise<void>;
  /** Resolves when the wish is fulfilled, with what was done. */
  wish(target: string, wish: Wish, by: string): Promise<string>;
  /** The last `lines` lines of a process' output, from the node that runs it; after a place what came since. */
  logs(request: {
    target: string;
    lines: number;
    after?: LogPlace;
    /** A last line without an end is held back until it has one. */
    follow?: boolean;
  }): Promise<LogPart>;
  /** No targets: the kill switch. `until` in milliseconds since the epoch. */
  pause(request: { targets: readonly string[]; reason: string; by: string; until?: number }): Promise<void>;
  resume(request: { targets: readonly string[]; by: string }): Promise<void>;
}
