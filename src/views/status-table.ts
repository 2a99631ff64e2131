import type { Pause } from "../model/fleet.ts";
import { paint, toneOf } from "./colour.ts";
import { pausedBy, silencesOf } from "./silences.ts";
import type { StatusView, TargetView } from "./status.ts";
import { type TableStyle, table } from "./table.ts";
import { visible } from "./text.ts";
import { age } from "./time.ts";

/**
 * The status for a person: a banner for the kill switch, one row a target, one line of counts. Reads well at 80
 * columns: the message is cut there, and for a target that is not ok the whole of it follows below its row.
 */
export function statusTable(
  view: StatusView,
  style: TableStyle & { readonly pauses?: readonly Pause[] },
): string {
  const now = Date.parse(view.at);
  const nodes = new Set(view.targets.map((target) => target.node).filter((name) => name !== "any"));
  const rows = table<TargetView>(
    view.targets,
    [
      { head: "TARGET", text: (row) => row.id, max: 24 },
      { head: "NODE", text: (row) => (nodes.size > 1 ? row.node : ""), optional: true, max: 16 },
      { head: "STATUS", text: (row) => row.status, tone: (row) => toneOf(row.status) },
      { head: "PHASE", text: (row) => row.phase, tone: (row) => toneOf(row.phase) },
      { head: "STATE", text: (row) => row.state ?? "", optional: true },
      { head: "PID", text: (row) => (row.pid === null ? "" : String(row.pid)), optional: true, right: true },
      {
        head: "SINCE",
        text: (row) => (row.since === null ? "" : age(now - Date.parse(row.since))),
        optional: true,
        right: true,
      },
      { head: "MESSAGE", text: (row) => row.message },
    ],
    { ...style, whole: (row) => row.status !== "ok" || row.phase !== "watching" },
  );
  return `${banner(view, style, now)}${silences(view, style, now)}${rows}${counts(view.targets)}\n`;
}

function banner(
  view: StatusView,
  style: TableStyle & { readonly pauses?: readonly Pause[] },
  now: number,
): string {
  if (!view.paused) return "";
  const pause = style.pauses?.find((each) => each.target === undefined);
  const who = pause === undefined ? "" : visible(pausedBy(pause, now));
  return `${paint(`PAUSED${who}. Nothing is healed until \`healq resume\`.`, "uneasy", style)}\n\n`;
}

/** Silences of the targets shown, whether they are well or not: what is forgotten is not healed when it breaks. */
function silences(
  { targets }: StatusView,
  style: TableStyle & { readonly pauses?: readonly Pause[] },
  now: number,
): string {
  const shown = new Set(targets.map(({ id }) => id));
  const lines = silencesOf(style.pauses ?? [], now)
    .filter(({ target }) => shown.has(target))
    .map((silence) => {
      const text = `SILENCED ${silence.target}${visible(pausedBy(silence, now))}. Not healed until \`healq resume ${silence.target}\`.`;
      return `${paint(text, "uneasy", style)}\n`;
    });
  return lines.length === 0 ? "" : `${lines.join("")}\n`;
}

function counts(targets: readonly TargetView[]): string {
  if (targets.length === 0) return "no targets";
  const of = (status: string): number => targets.filter((target) => target.status === status).length;
  const said = ["critical", "warning", "unknown", "ok"].filter((status) => of(status) > 0);
  return said.map((status) => `${of(status)} ${status}`).join(", ");
}
