import { formatDuration } from "../lib/duration.ts";
import { auditTable } from "./audit-table.ts";
import { toneOf } from "./colour.ts";
import type { IncidentTimelineView, IncidentView } from "./incident.ts";
import { type TableStyle, table } from "./table.ts";
import { visible } from "./text.ts";
import { clockTime } from "./time.ts";

/** Incidents for a person, oldest first. `now` in milliseconds since the epoch. */
export function incidentTable(
  views: readonly IncidentView[],
  style: TableStyle & { readonly now: number },
): string {
  if (views.length === 0) return "no incidents\n";
  return table<IncidentView>(
    views,
    [
      { head: "INCIDENT", text: (row) => row.id },
      { head: "TARGET", text: (row) => row.target, max: 24 },
      { head: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
      { head: "OPENED (UTC)", text: (row) => clockTime(Date.parse(row.openedAt), style.now) },
      {
        head: "TOOK",
        text: (row) => (row.durationMs === null ? "" : formatDuration(row.durationMs)),
        optional: true,
        right: true,
      },
      { head: "REASON", text: (row) => row.reason },
    ],
    { ...style, whole: () => true },
  );
}

/** One incident with its timeline, for a person. */
export function incidentText(
  view: IncidentTimelineView,
  style: TableStyle & { readonly now: number },
): string {
  const end = view.durationMs === null ? "" : `, resolved after ${formatDuration(view.durationMs)}`;
  const head = `${view.target} on ${view.node}: ${view.symptom} (${view.severity})\n${view.state}, opened ${view.openedAt}${end}\n${view.reason}`;
  return `${head.split("\n").map(visible).join("\n")}\n\n${auditTable(view.timeline, style)}`;
}
