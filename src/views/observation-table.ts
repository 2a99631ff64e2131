import { paint, toneOf } from "./colour.ts";
import type { ObservationsView, ObservationView } from "./observations.ts";
import { type TableStyle, table } from "./table.ts";
import { truncate, visible } from "./text.ts";

/** Columns of evidence shown for one finding; the whole of it is in the JSON. */
const evidenceWidth = 300;

/** The looks for a person: one row a target, and below it what was found with the evidence in short. */
export function observationTable(view: ObservationsView, style: TableStyle): string {
  if (view.observations.length === 0) return `no targets on ${view.node}\n`;
  const rows = table<ObservationView>(
    view.observations,
    [
      { head: "TARGET", text: (row) => row.target, max: 24 },
      { head: "KIND", text: (row) => row.kind },
      { head: "STATUS", text: (row) => row.status, tone: (row) => toneOf(row.status) },
      { head: "MESSAGE", text: (row) => row.message },
    ],
    { ...style, whole: (row) => row.status !== "ok" },
  );
  const found = view.observations.flatMap((each) => findingLines(each, style));
  return `${rows}${found.length === 0 ? "" : `\n${found.join("")}`}`;
}

function findingLines(observation: ObservationView, style: TableStyle): string[] {
  return observation.findings.flatMap((finding) => {
    const head = `${paint(finding.severity, toneOf(finding.severity), style)} ${visible(observation.target)} ${visible(finding.symptom)}: ${visible(finding.message)}`;
    const evidence = Object.entries(finding.evidence).map(([key, value]) => `${key}=${short(value)}`);
    const most = style.width > 0 ? Math.min(style.width - 2, evidenceWidth) : evidenceWidth;
    return evidence.length === 0
      ? [`${head}\n`]
      : [`${head}\n`, `  ${truncate(evidence.join("  "), most)}\n`];
  });
}

function short(value: unknown): string {
  return visible(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
}
