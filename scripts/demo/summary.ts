import { exitCodes } from "../../src/model/errors.ts";
import { type Column, type TableStyle, table } from "../../src/views/table.ts";
import { wrap } from "../../src/views/text.ts";
import { type Course, healedAt, type Observed, seenAt } from "./observed.ts";
import type { Scenario } from "./scenario.ts";
import { shownTime } from "./timeline.ts";

/** A scenario that was played, or that was not because of the one before. */
export interface Played {
  readonly scenario: Scenario;
  readonly observed?: Observed;
  /** What was not as expected; of one that was not played, why. */
  readonly complaints: readonly string[];
}

const columns: readonly Column<Played>[] = [
  { head: "WHAT BROKE", text: ({ scenario }) => scenario.name },
  { head: "TARGET", text: ({ scenario }) => scenario.patients.join(", ") },
  { head: "SEEN", right: true, text: ({ observed }) => slowest(observed, seenAt) },
  { head: "BACK", right: true, text: ({ observed }) => slowest(observed, ({ backAt }) => backAt) },
  { head: "HEALED", right: true, text: ({ observed }) => slowest(observed, healedAt) },
  { head: "AS EXPECTED", text: expected, tone: (row) => (isWell(row) ? "good" : "bad") },
  { head: "HOW", text: how },
];

/** The table at the end, what was not as expected below it, and one line that says how it went. */
export function summary(rows: readonly Played[], style: TableStyle): string {
  const bad = rows.filter((row) => !isWell(row));
  const complaints = bad.flatMap(({ scenario, complaints: said }) =>
    said.flatMap((each) => wrap(`${scenario.name}: ${each}`, style.width || 110)),
  );
  const well = `${rows.length - bad.length} of ${rows.length} as expected`;
  return [table(rows, columns, style), ...complaints.map((line) => `${line}\n`), `${well}\n`].join("");
}

/** 0 when each scenario was played and ended as expected, and there was one; else 1. */
export function exitCodeOf(rows: readonly Played[]): number {
  return rows.length > 0 && rows.every(isWell) ? exitCodes.ok : exitCodes.bad;
}

function isWell({ observed, complaints }: Played): boolean {
  return observed !== undefined && complaints.length === 0;
}

function expected(row: Played): string {
  if (row.observed === undefined) return "not played";
  return isWell(row) ? "yes" : "NO";
}

/** What was done about it, in few words. */
function how({ scenario, observed }: Played): string {
  const { expect } = scenario;
  if (observed === undefined) return "";
  const applications = observed.patients.map(({ entries }) => countOf(entries, "heal.started"));
  if (expect.end === "held back") {
    const isStarted = applications.some((count) => count > 0);
    return `${isStarted ? "" : "not "}started while ${expect.needs} is dead`;
  }
  if (expect.end === "gave-up")
    return `gave up after ${applications.join(", ")} restarts; people were called`;
  if (applications.includes(0)) return "nothing, or not to all";
  if (expect.through !== undefined) return `${expect.through} was restarted`;
  if (expect.inOrder) return `${expect.cure}, one after the other`;
  return applications.length > 1 ? `${expect.cure}, each ${timesOf(applications)}` : expect.cure;
}

function timesOf(applications: readonly number[]): string {
  return applications.every((count) => count === 1) ? "once" : applications.join(" and ");
}

function countOf(entries: Course["entries"], event: string): number {
  return entries.filter((entry) => entry.event === event).length;
}

/** After how long the last of the patients was so far; a dash when one never was. */
function slowest(observed: Observed | undefined, when: (course: Course) => number | undefined): string {
  if (observed === undefined) return "-";
  const times = observed.patients.map(when);
  if (times.some((time) => time === undefined)) return "-";
  return shownTime(Math.max(...times.map((time) => (time ?? 0) - observed.brokenAt)));
}
