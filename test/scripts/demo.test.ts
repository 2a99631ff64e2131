import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { laidOver } from "../../scripts/demo/scratch.ts";
import { exitCodeOf, type Played, summary } from "../../scripts/demo/summary.ts";
import { lineOf } from "../../scripts/demo/timeline.ts";
import {
  asItShould,
  brokenAt,
  but,
  cured,
  entry,
  played,
  plus,
  untouched,
  without,
  worker,
} from "./played.ts";

const plain = { width: 0, colour: false };

test.each(Object.keys(asItShould))("%s: nothing is wrong when all was as it should", (name) => {
  const row = played(name);
  expect(row.complaints).toEqual([]);
  expect(exitCodeOf([row])).toBe(0);
  expect(summary([row], plain)).toMatch(/ yes .*\n1 of 1 as expected\n$/);
});

const again = entry(2_500, "heal.started", { action: "restart" });

test.each<[string, Played, RegExp]>([
  [
    "the old process still runs",
    but("a worker is killed", ({ before }) => ({
      after: { ...worker.after, pid: before.pid ?? 0, answers: 200 },
    })),
    /signals has pid 1; before it was broken, 1/,
  ],
  [
    "no process runs",
    but("a worker is killed", () => ({ after: { ...worker.after, pid: null, answers: 200 } })),
    /signals has pid none/,
  ],
  [
    "the new one does not answer",
    but("a worker is killed", () => ({ after: { ...worker.after, answers: null } })),
    /answers nothing, not 200/,
  ],
  [
    "the new one does not write",
    but("a worker is killed", () => ({ after: { pid: 2, wroteAt: brokenAt - 1 } })),
    /has written nothing since/,
  ],
  [
    "no cure is verified",
    but("a worker is killed", without("heal.succeeded")),
    /heal.succeeded of signals: 0 in the audit, not 1/,
  ],
  [
    "the incident stays open",
    but("a worker is killed", without("incident.resolved")),
    /incident.resolved of signals: 0 in/,
  ],
  [
    "nobody saw it",
    but("a worker is killed", without("incident.opened")),
    /should have one incident, process.dead; it had none/,
  ],
  [
    "it was restarted twice",
    but("a worker is killed", plus(again)),
    /heal.started of signals: 2 in the audit, not 1/,
  ],
  [
    "another remedy did it",
    but("a file is deleted", ({ entries }) => ({
      entries: entries.map((each) => ({ ...each, action: "exec" })),
    })),
    /cured by exec, not by create/,
  ],
  ["the file has other content", but("a file is deleted", () => ({ after: { text: "" } })), /settings holds/],
  [
    "the page still answers 500",
    but("a page answers 500", () => ({ after: { answers: 500 } })),
    /answers 500, not 200/,
  ],
  [
    "its server was not restarted",
    played("a page answers 500", () => ({
      others: [{ target: "quotes", before: { pid: 1 }, after: { pid: 1 }, entries: [] }],
    })),
    /heal.started of quotes: 0 in.*quotes has pid 1/,
  ],
  [
    "somebody well was restarted",
    played("two at once", () => ({ others: [{ ...untouched, target: "averages", after: { pid: 9 } }] })),
    /averages was well, and its pid went from 8 to 9/,
  ],
  [
    "a crash loop goes on",
    played("a crash loop", (_, course) => ({
      brokenStarts: 4,
      patients: [{ ...course, ...plus(again)(course) }],
    })),
    /4 in the audit, not 3.*started 4 times, not 3/,
  ],
  [
    "it was given up, and is not",
    but("a crash loop", () => ({ phase: "healing" })),
    /signals is healing, not gave-up/,
  ],
  [
    "people were not called",
    played("a crash loop", () => ({ calls: ["incident.opened signals"] })),
    /called 0 times/,
  ],
  [
    "a dependant was started without its need",
    but("its need is dead", () => ({ after: { pid: 3 } })),
    /should not run; it has pid 3/,
  ],
  [
    "a dependant was tried and died",
    but("its need is dead", plus(again)),
    /heal.started of averages: 1 in the audit, not 0/,
  ],
  [
    "the need was started again",
    played("its need is dead", () => ({ brokenStarts: 1 })),
    /signals was started 1 times more/,
  ],
  [
    "the dependant was touched first",
    played("the need is mended", ({ patients }) => ({
      patients: patients.map((course) => ({ ...course, entries: cured("process.dead", "restart") })),
    })),
    /averages was touched before signals was well/,
  ],
  [
    "it took too long",
    played("a worker is killed", () => ({ troubles: ["it did not come within 60 s"] })),
    /did not come within 60 s/,
  ],
])("it is a failure when %s", (_, row, complaint) => {
  expect(row.complaints.join(" ")).toMatch(complaint);
  expect(exitCodeOf([played("two at once"), row])).toBe(1);
  const text = summary([played("two at once"), row], plain);
  expect(text).toMatch(/ NO .*/);
  expect(text).toMatch(/\n1 of 2 as expected\n$/);
});

test("a demo in which nothing, or not all, was played has failed", () => {
  const { scenario } = played("two at once");
  expect(exitCodeOf([])).toBe(1);
  const row = { scenario, complaints: ["not played: not all was well"] };
  expect(exitCodeOf([row])).toBe(1);
  expect(summary([row], plain)).toMatch(/not played/);
});

test("the table does not say that something was done where nothing was", () => {
  expect(summary([but("a worker is killed", without("heal.started"))], plain)).toMatch(/NO +nothing, or/);
});

test("the table has the slowest of several patients, and a dash where one was never well", () => {
  expect(summary([played("a worker is killed")], plain)).toMatch(
    /signals +20 ms +60 ms +700 ms +yes +restart/,
  );
  expect(summary([but("two at once", without("heal.succeeded"))], plain)).toMatch(/20 ms +- +- +NO/);
});

test("a line of the timeline has when, who, what and how long after, in at most 100 columns and without colour in a pipe", () => {
  const seen = { at: brokenAt + 61_024, target: "signals", word: "seen", since: brokenAt + 61_000 };
  const line = lineOf({ ...seen, text: "dead".padEnd(200, "!"), tone: "bad" }, brokenAt, plain);
  expect(line).toMatch(/^01:01\.0 {2}signals {6}seen {5}dead!+… +\+24 ms$/);
  expect(line).toHaveLength(100);
  const red = lineOf({ ...seen, text: "dead", tone: "bad" }, brokenAt, { width: 80, colour: true });
  expect(red).toContain("\u001b[31m");
});

test("the demo's config is the example's with short times, its quotes and its variables as they were", () => {
  const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  const text = laidOver(read("examples/pipeline/healq.yaml"), read("scripts/demo/overlay.yaml"));
  const { defaults, targets, web } = parse(text);
  expect(defaults).toMatchObject({ every: "1s", probation: "1s" });
  expect(Object.keys(targets)).toEqual([
    "signals",
    "averages",
    "report",
    "settings",
    "newest-report",
    "quotes",
    "quotes-page",
  ]);
  expect(targets.signals).toMatchObject({
    run: ["node", "workers/signals.mjs"],
    startGrace: "3s",
    critical: true,
  });
  expect(web.port).toMatch(/^\$\{/);
  expect(text).toMatch(/SIGNALS_PORT: "\$\{SIGNALS_PORT:-5000\}"/);
});
