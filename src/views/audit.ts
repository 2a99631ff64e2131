import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import { iso } from "./time.ts";

/** One line of `healq audit --json` and of `GET /api/audit` (contract §6). What an event does not have is null. */
export interface AuditView {
  readonly id: string;
  readonly at: string;
  readonly node: string;
  readonly target: string | null;
  readonly event: AuditEvent;
  readonly symptom: string | null;
  readonly action: string | null;
  readonly reason: string;
  readonly incident: string | null;
  readonly job: string | null;
  readonly durationMs: number | null;
  readonly by: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An entry of the record as JSON shows it. */
export function auditView(entry: AuditEntry): AuditView {
  return {
    id: entry.id,
    at: iso(entry.at),
    node: entry.node,
    target: entry.target ?? null,
    event: entry.event,
    symptom: entry.symptom ?? null,
    action: entry.action ?? null,
    reason: entry.reason,
    incident: entry.incident ?? null,
    job: entry.job ?? null,
    durationMs: entry.durationMs ?? null,
    by: entry.by ?? null,
    details: entry.details ?? {},
  };
}
