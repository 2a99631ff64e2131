import { expect, it } from "vitest";
import type { Incident } from "../../src/model/incident.ts";
import { incidentView } from "../../src/views/incident.ts";
import { reportText, reportView } from "../../src/views/report.ts";
import { statusView } from "../../src/views/status.ts";
import { configOf, now } from "./fleet.ts";

const incident = (target: string, more: Partial<Incident>): Incident => ({
  id: target,
  target,
  node: "trading-1",
  symptom: "file.missing",
  severity: "critical",
  reason: "x is missing",
  state: "resolved",
  openedAt: now - 60_000,
  resolvedAt: now - 10_000,
  ...more,
});

it("calls fixed only what a cure was seen to end", () => {
  const status = statusView(configOf([]), { targets: [], nodes: [], pauses: [], now, source: "redis" });
  const incidents = [
    incident("cured", { cured: true }),
    incident("cured", { cured: true }),
    incident("aged-out", {}),
    incident("long-ago", { cured: true, resolvedAt: now - 3_600_000 }),
  ];
  const view = reportView(status, incidents.map(incidentView), { since: now - 60_000 });
  expect(view.fixed.map(({ target }) => target)).toEqual(["cured", "cured"]);
  expect(view.passed.map(({ target }) => target)).toEqual(["aged-out"]);
  expect(reportText(view).split("\n").slice(0, 5)).toEqual([
    "fixed since 2026-11-22T00:59:00.000Z",
    "  cured: x is missing, within 50 s (2 times)",
    "",
    "went away without a cure",
    "  aged-out: x is missing, within 50 s",
  ]);
});
