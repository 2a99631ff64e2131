import type { Severity, Status } from "./status.ts";

/** Whatever supports a finding: short, already redacted, JSON-safe values. */
export type Evidence = Readonly<Record<string, unknown>>;

/** One fault found by a check. */
export interface Finding {
  /** What is wrong, as `kind.symptom`, e.g. `process.dead`. */
  readonly symptom: string;
  readonly severity: Severity;
  /** True if the fault was seen directly (an exit, a missing file); false if it was inferred (a timeout, an age). */
  readonly fact: boolean;
  /** One sentence for a person, without a full stop. */
  readonly message: string;
  readonly evidence: Evidence;
  /** Why no remedy of the target may cure it, known before one is tried; absent while one may. */
  readonly hopeless?: string;
}

/** The status that a list of findings adds up to: the worst severity, `ok` when there are none. */
export function statusOf(findings: readonly Finding[]): Status {
  if (findings.some((finding) => finding.severity === "critical")) return "critical";
  return findings.length > 0 ? "warning" : "ok";
}

/** The finding to act on: a critical one before a warning, else the first. */
export function worstFinding(findings: readonly Finding[]): Finding | undefined {
  return findings.find((finding) => finding.severity === "critical") ?? findings[0];
}
