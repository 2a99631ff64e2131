import { formatDuration } from "../lib/duration.ts";
import type { IncidentView } from "./incident.ts";
import type { StatusView, TargetView } from "./status.ts";
import { visible } from "./text.ts";

/** One line of the report. */
export interface ReportLine {
  readonly target: string;
  readonly node: string;
  /** Why, in the words of the record. */
  readonly reason: string;
  /** The incident it is about; null for what has none. */
  readonly incident: string | null;
}

/** An incident that was resolved, with how long it took in milliseconds. */
type EndedLine = ReportLine & { readonly durationMs: number | null };

/** `healq report --json`: what happened since a moment, by what is left to do. */
export interface ReportView {
  readonly node: string;
  readonly at: string;
  readonly since: string;
  /** Incidents that a cure ended since then, oldest first. */
  readonly fixed: readonly EndedLine[];
  /** Incidents that ended without a cure of healq: by themselves, or by a person. */
  readonly passed: readonly EndedLine[];
  /** healq has given up, or has no remedy: a person is needed. */
  readonly failed: readonly ReportLine[];
  /** Not well, and not given up: blocked by what it needs, being healed, silenced, stopped, or unknown. */
  readonly warnings: readonly ReportLine[];
}

/** Makes the report of a status and its incidents; `since` in milliseconds since the epoch. */
export function reportView(
  status: StatusView,
  incidents: readonly IncidentView[],
  { since }: { readonly since: number },
): ReportView {
  const ended = incidents.filter(({ resolvedAt }) => resolvedAt !== null && Date.parse(resolvedAt) >= since);
  const unwell = status.targets.filter(({ status }) => status !== "ok");
  return {
    node: status.node,
    at: status.at,
    since: new Date(since).toISOString(),
    fixed: ended.filter(({ cured }) => cured === true).map(endedLine),
    passed: ended.filter(({ cured }) => cured !== true).map(endedLine),
    failed: unwell.filter(needsPerson).map(lineOf),
    warnings: unwell.filter((target) => !needsPerson(target)).map(lineOf),
  };
}

/** What is believed, and nothing more is done about. */
function needsPerson({ phase, incident }: TargetView): boolean {
  return phase === "gave-up" || (phase === "suspect" && incident !== null);
}

function lineOf({ id, node, message, incident }: TargetView): ReportLine {
  return { target: id, node, reason: message, incident };
}

function endedLine({ target, node, reason, id, durationMs }: IncidentView): EndedLine {
  return { target, node, reason, incident: id, durationMs };
}

/** The report for a person. */
export function reportText({ since, fixed, passed, failed, warnings }: ReportView): string {
  const lines = (all: readonly ReportLine[]) => all.map(({ target, reason }) => `${target}: ${reason}`);
  return [
    section(`fixed since ${since}`, byTarget(fixed)),
    ...(passed.length === 0 ? [] : [section("went away without a cure", byTarget(passed))]),
    section("failed, needs a person", lines(failed)),
    section("warnings", lines(warnings)),
  ].join("\n");
}

/** One line a target, with the newest reason and how often. */
function byTarget(ended: readonly EndedLine[]): string[] {
  const times = new Map<string, { count: number; said: string }>();
  for (const { target, reason, durationMs } of ended) {
    const took = durationMs === null ? "" : `, within ${formatDuration(durationMs)}`;
    times.set(target, { count: (times.get(target)?.count ?? 0) + 1, said: `${reason}${took}` });
  }
  return [...times].map(
    ([target, { count, said }]) => `${target}: ${said}${count > 1 ? ` (${count} times)` : ""}`,
  );
}

function section(head: string, lines: readonly string[]): string {
  const shown = lines.length === 0 ? ["  nothing"] : lines.map((line) => `  ${visible(line)}`);
  return `${head}\n${shown.join("\n")}\n`;
}
