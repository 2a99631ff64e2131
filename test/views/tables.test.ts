import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { auditView } from "../../src/views/audit.ts";
import { auditLine, auditTable } from "../../src/views/audit-table.ts";
import { incidentTimelineView, incidentView } from "../../src/views/incident.ts";
import { incidentTable, incidentText } from "../../src/views/incident-table.ts";
import { nodeView } from "../../src/views/node.ts";
import { nodeTable } from "../../src/views/node-table.ts";
import { observationTable } from "../../src/views/observation-table.ts";
import { observationsView } from "../../src/views/observations.ts";
import { statusView } from "../../src/views/status.ts";
import { statusTable } from "../../src/views/status-table.ts";
import { columnsOf } from "../../src/views/text.ts";
import { configOf, node, now, record, targetOn } from "./fleet.ts";

const plain = { width: 0, colour: false };
const narrow = { width: 80, colour: false };
const lines = (text: string): string[] => text.trimEnd().split("\n");

const config = configOf(
  ["predictive_engine", "ensemble_predictor", "weights"].map((id) =>
    targetOn(id, ["trading-1"], id === "weights" ? "file" : "process"),
  ),
);
const targets = [
  record("predictive_engine", {
    look: { state: "running", pid: 4_194_304 },
    state: { since: now - 2_880_000 },
  }),
  record("ensemble_predictor", {
    look: { state: "crashed", status: "critical", message: "dead: exited with code 3" },
    state: {
      phase: "blocked",
      reason: "needs predictive_engine, which is critical since its output is too old",
    },
  }),
  record("weights", { kind: "file", look: { message: "2.1 kB, written 3m ago" } }),
];
const status = statusView(config, { targets, nodes: [node("trading-1")], pauses: [], now, source: "redis" });

describe("statusTable", () => {
  it("fits 80 columns, and says in full what is not ok", () => {
    const text = statusTable(status, narrow);
    expect(lines(text).every((line) => columnsOf(line) <= 80)).toBe(true);
    expect(text.replace(/\s+/g, " ")).toContain(
      "dead: exited with code 3; needs predictive_engine, which is critical since its output is too old",
    );
    expect(lines(text)[0]).toMatch(/^TARGET +STATUS +PHASE +STATE +PID +SINCE +MESSAGE$/);
    expect(lines(text).at(-1)).toBe("1 critical, 2 ok");
  });

  it("cuts nothing where there is no width, one line a target", () => {
    expect(lines(statusTable(status, plain))).toHaveLength(5);
    expect(statusTable(status, plain)).toContain("running, answered in 4 ms");
  });

  it("leaves out the columns that nobody needs", () => {
    const files = { ...status, targets: status.targets.filter((target) => target.kind === "file") };
    expect(lines(statusTable(files, plain))[0]).toBe("TARGET   STATUS  PHASE     SINCE  MESSAGE");
  });

  it("has colour only when asked, and then the same text", () => {
    const coloured = statusTable(status, { width: 80, colour: true });
    expect(coloured).toContain("\u001b[31mcritical\u001b[39m");
    expect(stripVTControlCharacters(coloured)).toBe(statusTable(status, narrow));
  });

  it("shows who paused everything, why and for how long", () => {
    const pauses = [{ reason: "db upgrade", by: "ann", at: now, until: now + 3_600_000 }];
    expect(statusTable({ ...status, paused: true }, { ...plain, pauses })).toMatch(
      /^PAUSED by ann: db upgrade, for 1h more\./,
    );
  });

  it("says of each silence of a target shown by whom, why and for how long, also while it is well", () => {
    const [first] = status.targets;
    const silence = { reason: "editing", by: "ann", at: now };
    const pauses = [
      { ...silence, target: first?.id ?? "", until: now + 60_000 },
      { ...silence, target: "over", until: now },
      { ...silence, target: "elsewhere" },
    ];
    const said = statusTable(status, { ...plain, pauses });
    expect(said).toMatch(
      /^SILENCED \S+ by ann: editing, for 1m more\. Not healed until `healq resume \S+`\.\n\n/,
    );
    expect(said).not.toMatch(/over|elsewhere/);
  });

  it("says nothing of a reason that was not given", () => {
    const pauses = [{ reason: "", by: "ann", at: now }];
    expect(statusTable({ ...status, paused: true }, { ...plain, pauses })).toMatch(
      /^PAUSED by ann\. Nothing/,
    );
  });

  it("emits no terminal sequence of a message", () => {
    const [first] = status.targets;
    const evil = {
      ...status,
      targets: first === undefined ? [] : [{ ...first, message: "\u001b]0;x\u0007" }],
    };
    expect(statusTable(evil, plain)).toContain("\\x1b]0;x\\x07");
  });

  it("names the node only when there are several", () => {
    const [first, ...rest] = status.targets;
    expect(statusTable(status, plain)).not.toContain("NODE");
    const two = { ...status, targets: first === undefined ? [] : [{ ...first, node: "trading-2" }, ...rest] };
    expect(statusTable(two, plain)).toMatch(/^TARGET +NODE /);
  });
});

const entry = auditView({
  id: "1-0",
  at: now - 4_000,
  node: "trading-1",
  event: "heal.succeeded",
  target: "predictive_engine",
  action: "restart",
  reason: "dead: killed by SIGKILL",
  durationMs: 312,
});

describe("audit", () => {
  it("has every field of the contract, null where an event has none", () => {
    expect(entry).toEqual({
      id: "1-0",
      at: "2026-11-22T00:59:56.000Z",
      node: "trading-1",
      target: "predictive_engine",
      event: "heal.succeeded",
      symptom: null,
      action: "restart",
      reason: "dead: killed by SIGKILL",
      incident: null,
      job: null,
      durationMs: 312,
      by: null,
      details: {},
    });
  });

  it("reads as time, target, event and why", () => {
    const [, row] = lines(auditTable([entry], { ...plain, now }));
    expect(row).toBe(
      "00:59:56    predictive_engine  heal.succeeded  restart: dead: killed by SIGKILL (312 ms)",
    );
    expect(auditLine(entry, { ...plain, now })).toMatch(
      /^00:59:56 {2}predictive_engine +heal.succeeded +restart: dead/,
    );
  });

  it("loses nothing at 80 columns", () => {
    const long = { ...entry, reason: "because ".repeat(30).trim() };
    for (const text of [auditTable([long], { ...narrow, now }), auditLine(long, { ...narrow, now })]) {
      expect(lines(text).every((line) => columnsOf(line) <= 80)).toBe(true);
      expect(text.split("because").length).toBeGreaterThan(30);
    }
  });
});

it("shows incidents and one timeline", () => {
  const incident = {
    id: "i1",
    target: "predictive_engine",
    node: "trading-1",
    symptom: "process.dead",
    severity: "critical",
    reason: "dead: killed by SIGKILL",
    state: "resolved",
    openedAt: now - 20_000,
    resolvedAt: now - 8_000,
  } as const;
  expect(incidentView(incident)).toMatchObject({ durationMs: 12_000, openedAt: "2026-11-22T00:59:40.000Z" });
  expect(incidentTable([incidentView(incident)], { ...narrow, now })).toMatch(
    /i1 +predictive_engine +resolved +00:59:40 +12 s +dead/,
  );
  const note = { id: "1-0", at: now, node: "trading-1", event: "heal.succeeded", reason: "running" } as const;
  const view = incidentTimelineView(incident, [note]);
  expect(view.timeline[0]?.event).toBe("heal.succeeded");
  expect(incidentText(view, { ...narrow, now })).toContain(
    "resolved, opened 2026-11-22T00:59:40.000Z, resolved after 12 s",
  );
});

it("shows looks with their findings and the evidence in short", () => {
  const finding = {
    symptom: "file.stale",
    severity: "warning",
    fact: false,
    message: "2d old",
    evidence: { path: "/x\u001b", ageMs: 1 },
  } as const;
  const observation = {
    target: "weights",
    kind: "file",
    at: now,
    durationMs: 1.23456,
    status: "warning",
    message: "2d old",
    metrics: {},
    findings: [finding],
  } as const;
  const view = observationsView({ node: "trading-1", at: now, observations: [observation] });
  expect(view.observations[0]).toEqual({
    target: "weights",
    kind: "file",
    status: "warning",
    message: "2d old",
    findings: [finding],
    metrics: {},
    durationMs: 1.235,
  });
  const text = observationTable(view, narrow);
  expect(text).toContain("warning weights file.stale: 2d old");
  expect(text).toContain("  path=/x\\x1b  ageMs=1");
});

it("shows nodes; of one that stopped in good order only its name and targets", () => {
  const stopped = node("trading-2", { alive: false, seenAt: 0, startedAt: 0, pid: 0, host: "", version: "" });
  const views = [nodeView(node("trading-1")), nodeView(stopped)];
  expect(views[1]).toEqual({
    node: "trading-2",
    alive: false,
    host: null,
    pid: null,
    version: null,
    startedAt: null,
    seenAt: null,
    targets: 0,
  });
  expect(nodeTable(views, { ...narrow, now })).toMatch(
    /trading-1 +yes +7 +0 +1m +now +0\.1\.0 +trading-1\ntrading-2 +no/,
  );
});
