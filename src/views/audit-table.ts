import { formatDuration } from "../lib/duration.ts";
import type { AuditView } from "./audit.ts";
import { paint, type Tone } from "./colour.ts";
import { type TableStyle, table } from "./table.ts";
import { columnsOf, truncate, visible, wrap } from "./text.ts";
import { clockTime } from "./time.ts";

/** The record for a person, oldest first. `now` decides whether a time needs its day; milliseconds since the epoch. */
export function auditTable(
  entries: readonly AuditView[],
  style: TableStyle & { readonly now: number },
): string {
  if (entries.length === 0) return "nothing recorded\n";
  const nodes = new Set(entries.map(({ node }) => node));
  return table<AuditView>(
    entries,
    [
      { head: "TIME (UTC)", text: (row) => clockTime(Date.parse(row.at), style.now) },
      { head: "NODE", text: (row) => (nodes.size > 1 ? row.node : ""), optional: true, max: 16 },
      { head: "TARGET", text: (row) => row.target ?? "", max: 24 },
      { head: "EVENT", text: (row) => row.event, tone: (row) => eventTone(row.event) },
      { head: "REASON", text: reasonOf },
    ],
    { ...style, whole: () => true },
  );
}

/** One entry as a line of a stream, of fixed columns because what follows is not known yet. */
export function auditLine(entry: AuditView, style: TableStyle & { readonly now: number }): string {
  const time = clockTime(Date.parse(entry.at), style.now).padEnd(8);
  const target = visible(entry.target ?? "-").padEnd(18);
  const event = entry.event.padEnd(17);
  const head = `${time}  ${target}  ${paint(event, eventTone(entry.event), style)}  `;
  const before = columnsOf(`${time}  ${target}  ${event}  `);
  const reason = visible(reasonOf(entry));
  if (style.width === 0 || before + columnsOf(reason) <= style.width) return `${head}${reason}\n`;
  const first = truncate(reason, Math.max(style.width - before, 10));
  return [`${head}${first}`, ...wrap(reason, style.width - 4).map((each) => `    ${each}`)]
    .map((each) => `${each}\n`)
    .join("");
}

/** What was done in how long, and why. */
function reasonOf(entry: AuditView): string {
  const action = entry.action === null ? "" : `${entry.action}: `;
  const took = entry.durationMs === null ? "" : ` (${formatDuration(entry.durationMs)})`;
  const by = entry.by === null || entry.reason.endsWith(` by ${entry.by}`) ? "" : `, by ${entry.by}`;
  return `${action}${entry.reason}${took}${by}`;
}

function eventTone(event: string): Tone | undefined {
  if (/\.(succeeded|resolved|closed)$/.test(event)) return "good";
  if (/\.(gave-up|failed|lost)$/.test(event) || event === "breaker.opened") return "bad";
  return /\.(opened|skipped|exited)$/.test(event) || event === "paused" ? "uneasy" : undefined;
}
