import type { Severity } from "./status.ts";

/** An incident as it is kept and shown; its timeline is the audit entries that carry its id. Times in milliseconds. */
export interface Incident {
  readonly id: string;
  readonly target: string;
  readonly node: string;
  readonly symptom: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly state: "open" | "gave-up" | "resolved";
  readonly openedAt: number;
  readonly resolvedAt?: number;
  /** Resolved after a cure that was verified; absent when it went away by itself, by a person, or by a cure that nobody saw work. */
  readonly cured?: boolean;
}
