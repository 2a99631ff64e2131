import type { AuditEntry } from "../model/audit.ts";
import type { Incident } from "../model/incident.ts";
import type { Severity } from "../model/status.ts";
import { type AuditView, auditView } from "./audit.ts";
import { iso } from "./time.ts";

/** An incident as CLI and API show it. */
export interface IncidentView {
  readonly id: string;
  readonly target: string;
  readonly node: string;
  readonly symptom: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly state: Incident["state"];
  readonly openedAt: string;
  /** Null while it is open. */
  readonly resolvedAt: string | null;
  /** From opening to resolution, in milliseconds; null while it is open. */
  readonly durationMs: number | null;
  /** Whether a cure of healq was seen to end it; null while it is open. */
  readonly cured: boolean | null;
}

/** `healq incidents --json` and `GET /api/incidents`. */
export interface IncidentsView {
  /** The node that was asked. */
  readonly node: string;
  /** Oldest first. */
  readonly incidents: readonly IncidentView[];
}

/** One incident with all that happened, oldest first. */
export interface IncidentTimelineView extends IncidentView {
  readonly timeline: readonly AuditView[];
}

/** An incident as JSON shows it. */
export function incidentView(incident: Incident): IncidentView {
  return {
    id: incident.id,
    target: incident.target,
    node: incident.node,
    symptom: incident.symptom,
    severity: incident.severity,
    reason: incident.reason,
    state: incident.state,
    openedAt: iso(incident.openedAt),
    resolvedAt: iso(incident.resolvedAt),
    durationMs: incident.resolvedAt === undefined ? null : incident.resolvedAt - incident.openedAt,
    cured: incident.resolvedAt === undefined ? null : incident.cured === true,
  };
}

/** The incidents of the fleet. */
export function incidentsView(node: string, incidents: readonly Incident[]): IncidentsView {
  return { node, incidents: incidents.map(incidentView) };
}

/** An incident with its timeline. */
export function incidentTimelineView(
  incident: Incident,
  timeline: readonly AuditEntry[],
): IncidentTimelineView {
  return { ...incidentView(incident), timeline: timeline.map(auditView) };
}
