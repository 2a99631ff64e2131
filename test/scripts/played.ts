import { judge } from "../../scripts/demo/judge.ts";
import type { Course, Observed } from "../../scripts/demo/observed.ts";
import { scenarios } from "../../scripts/demo/scenarios.ts";
import type { Played } from "../../scripts/demo/summary.ts";
import type { AuditView } from "../../src/views/audit.ts";

// What the demo sees when all goes as it should, made up, so that one thing at a time can be made wrong.

/** When all that is made up here was broken. */
export const brokenAt = Date.parse("2026-11-22T06:00:00.000Z");

/** What the audit told, so many milliseconds after the break. */
export function entry(after: number, event: AuditView["event"], more: Partial<AuditView> = {}): AuditView {
  const at = new Date(brokenAt + after).toISOString();
  const nothing = { target: null, symptom: null, action: null, incident: null, job: null, durationMs: null };
  return {
    id: `${after}-0`,
    at,
    node: "demo",
    event,
    reason: "",
    by: null,
    details: {},
    ...nothing,
    ...more,
  };
}

/** What the audit has of a cure at the first try, which began so many milliseconds after the break. */
export const cured = (symptom: string, action: string, from = 0): AuditView[] => [
  entry(from + 20, "check.changed", { details: { to: "critical" } }),
  entry(from + 20, "incident.opened", { symptom }),
  entry(from + 50, "heal.started", { action }),
  entry(from + 700, "heal.succeeded", { action }),
  entry(from + 1_900, "incident.resolved"),
];
/** A worker that was replaced, and writes again. */
export const worker = {
  before: { pid: 1, wroteAt: brokenAt - 9 },
  after: { pid: 2, wroteAt: brokenAt + 600 },
};

/** One that nothing was done to. */
export const untouched: Course = { target: "report", before: { pid: 8 }, after: { pid: 8 }, entries: [] };
const gone = { before: { pid: 1 }, after: { pid: null } };
const failed = [50, 400, 900].map((at) => entry(at, "heal.started", { action: "restart" }));
const gaveUp = [entry(20, "incident.opened", { symptom: "process.dead" }), entry(950, "incident.gave-up")];

/** What is seen of each scenario when all goes as it should; named as in `scenarios`. */
export const asItShould: Readonly<Record<string, Partial<Observed>>> = {
  "a worker is killed": {
    patients: [
      {
        target: "signals",
        before: { ...worker.before, answers: 200 },
        after: { ...worker.after, answers: 200 },
        backAt: brokenAt + 60,
        entries: cured("process.dead", "restart"),
      },
    ],
  },
  "a page answers 500": {
    patients: [
      {
        target: "quotes-page",
        before: { answers: 200 },
        after: { answers: 200 },
        entries: cured("http.status", "target"),
      },
    ],
    others: [
      untouched,
      { target: "quotes", ...worker, entries: [entry(60, "heal.started", { action: "restart" })] },
    ],
  },
  "a file is deleted": {
    patients: [
      {
        target: "settings",
        before: { text: "{}\n" },
        after: { text: "{}\n" },
        entries: cured("file.missing", "create"),
      },
    ],
  },
  "two at once": {
    patients: [
      { target: "report", ...worker, entries: cured("process.dead", "restart") },
      { target: "quotes", ...worker, entries: cured("process.dead", "restart") },
    ],
  },
  "a crash loop": {
    patients: [{ target: "signals", ...gone, phase: "gave-up", entries: [...gaveUp, ...failed] }],
    brokenStarts: 3,
    calls: ["incident.opened signals", "incident.gave-up signals"],
  },
  "its need is dead": {
    patients: [{ target: "averages", ...gone, phase: "blocked", entries: [entry(20, "target.exited")] }],
  },
  "the need is mended": {
    patients: [
      { target: "signals", ...worker, entries: cured("process.dead", "restart") },
      { target: "averages", ...worker, entries: cured("process.dead", "restart", 700) },
    ],
  },
};

const nothing: Observed = {
  brokenAt,
  patients: [],
  others: [untouched],
  brokenStarts: 0,
  calls: [],
  troubles: [],
};

/** The scenario of a name as it was played: as it should, but for what is changed. */
export function played(
  name: string,
  change: (observed: Observed, course: Course) => Partial<Observed> = () => ({}),
): Played {
  const scenario = scenarios.find((each) => each.name === name);
  const observed = { ...nothing, ...asItShould[name] };
  const [course] = observed.patients;
  if (scenario === undefined || course === undefined) throw new Error(`no scenario is named ${name}`);
  const seen = { ...observed, ...change(observed, course) };
  return { scenario, observed: seen, complaints: judge(scenario, seen) };
}

/** The same with other facts about its first patient. */
export const but = (name: string, change: (course: Course) => Partial<Course>) =>
  played(name, ({ patients }, course) => ({
    patients: [{ ...course, ...change(course) }, ...patients.slice(1)],
  }));

/** Less these entries of the audit. */
export const without = (event: string) => (course: Course) => ({
  entries: course.entries.filter((each) => each.event !== event),
});
/** More of them. */
export const plus =
  (...more: AuditView[]) =>
  (course: Course) => ({ entries: [...course.entries, ...more] });
