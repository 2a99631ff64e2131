import { formatDuration } from "../../lib/duration.ts";
import type { AuditView } from "../../views/audit.ts";
import type { IncidentView } from "../../views/incident.ts";
import { type Html, html } from "./html.ts";
import { lasting, timeOfDay } from "./parts.ts";

/** The incidents that are open, the newest first; nothing when there are none. */
export function incidentList(incidents: readonly IncidentView[], now: number): Html | undefined {
  if (incidents.length === 0) return undefined;
  return html`<section>
<h2>Open incidents</h2>
<ul class="incidents">${[...incidents].reverse().map(
    (incident) => html`<li class="${incident.severity}">
<span class="dot" aria-hidden="true"></span>
<span><b>${incident.target}</b> <span class="faint">${incident.symptom}</span>
${incident.state === "gave-up" && html`<span class="chip gave-up">gave-up</span>`}<br>${incident.reason}</span>
<span class="since">${lasting(incident.openedAt, now)}</span></li>`,
  )}</ul>
</section>`;
}

/** The end of the record, newest first. */
export function recordList(entries: readonly AuditView[]): Html {
  const rows = [...entries].reverse().map(
    (entry) => html`<li class="${toneOf(entry.event)}">
${timeOfDay(entry.at)}
<span class="event">${entry.event}</span>
<span class="what">${entry.target !== null && html`<b>${entry.target}</b> `}${whatOf(entry)}</span></li>`,
  );
  return html`<section>
<h2>Record <small>UTC</small></h2>
${rows.length === 0 ? html`<p class="faint">Nothing has happened yet.</p>` : html`<ol class="record">${rows}</ol>`}
</section>`;
}

function whatOf({ action, reason, durationMs, by }: AuditView): string {
  const done = action === null ? "" : `${action}: `;
  const took = durationMs === null ? "" : ` (${formatDuration(durationMs)})`;
  return `${done}${reason}${took}${by === null || reason.includes(by) ? "" : `, by ${by}`}`;
}

function toneOf(event: string): "good" | "bad" | "uneasy" | "plain" {
  if (/\.(succeeded|resolved|closed)$/.test(event) || event === "resumed") return "good";
  if (/\.(gave-up|failed|lost)$/.test(event) || event === "breaker.opened") return "bad";
  return /\.(opened|skipped|exited)$/.test(event) || event === "paused" ? "uneasy" : "plain";
}
