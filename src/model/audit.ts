/** All events of the audit (contract §6). */
export const auditEvents = [
  "check.changed",
  "incident.opened",
  "incident.resolved",
  "incident.gave-up",
  "heal.requested",
  "heal.started",
  "heal.succeeded",
  "heal.failed",
  "heal.skipped",
  "breaker.opened",
  "breaker.closed",
  "target.started",
  "target.stopped",
  "target.exited",
  "paused",
  "resumed",
  "alert.sent",
  "alert.failed",
  "node.joined",
  "node.lost",
  "config.loaded",
  "queue.changed",
] as const;

export type AuditEvent = (typeof auditEvents)[number];

/** One line of the append-only record, before it has an id. */
export interface AuditNote {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: AuditEvent;
  readonly target?: string;
  readonly symptom?: string;
  /** The remedy, or what was done: `restart`, `start`, `stop`. */
  readonly action?: string;
  readonly reason: string;
  readonly incident?: string;
  /** Id of the BullMQ job. */
  readonly job?: string;
  readonly durationMs?: number;
  /** Who asked, for what a person asked. */
  readonly by?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One line of the record as it is kept. */
export interface AuditEntry extends AuditNote {
  /** Redis stream id: milliseconds and a counter. */
  readonly id: string;
  readonly node: string;
}
