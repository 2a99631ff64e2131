import type { Finding } from "../model/finding.ts";
import type { Observation } from "../model/observation.ts";
import type { Status } from "../model/status.ts";
import { iso } from "./time.ts";

/** One look, as `healq check --json` shows it (contract §6). */
export interface ObservationView {
  readonly target: string;
  readonly kind: string;
  readonly status: Status;
  readonly message: string;
  readonly findings: readonly Finding[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

/** `healq check --json` (contract §6, and the message of each look). */
export interface ObservationsView {
  readonly node: string;
  readonly at: string;
  readonly observations: readonly ObservationView[];
}

/** The looks of one run of `healq check`, in the order given. `at` in milliseconds since the epoch. */
export function observationsView(parts: {
  node: string;
  at: number;
  observations: readonly Observation[];
}): ObservationsView {
  const observations = parts.observations.map((each) => ({
    target: each.target,
    kind: each.kind,
    status: each.status,
    message: each.message,
    findings: each.findings,
    metrics: each.metrics,
    durationMs: Math.round(each.durationMs * 1_000) / 1_000,
  }));
  return { node: parts.node, at: iso(parts.at), observations };
}
