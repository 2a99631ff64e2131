import type { Finding } from "./finding.ts";
import type { ProcessState } from "./process.ts";
import type { Status } from "./status.ts";

/** What a kind's `observe` returns; the runner adds who, when and how long. */
export interface Look {
  readonly status: Status;
  readonly findings: readonly Finding[];
  /** Numbers worth graphing, by short name (`rss` in bytes, `latencyMs` in milliseconds …). */
  readonly metrics: Readonly<Record<string, number>>;
  /** One sentence for a person: "running, answered in 4 ms". */
  readonly message: string;
  /** Process targets only. */
  readonly state?: ProcessState;
  /** Process targets only: the pid of the leader, when it is alive. */
  readonly pid?: number;
  /**
   * False when the target looks fine but has not shown yet that it works since it was last started (no answer, no
   * write newer than the start). A cure is verified only by `status: "ok"` with `verified` not false.
   */
  readonly verified?: boolean;
  /** While `verified` is false: how long such a proof may take, in milliseconds, when that is known (the `maxAge` of an output). */
  readonly verifyWithin?: number;
  /** What was cured last is gone, and what is bad is another fault: a heal does not wait for it to end, but goes on with it. */
  readonly anotherFault?: boolean;
}

/** The result of one look at one target. */
export interface Observation extends Look {
  readonly target: string;
  readonly kind: string;
  /** When the look began, in milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
}

/** True when the look shows a fault that was seen directly. */
export function isFact(observation: Observation): boolean {
  return observation.findings.some((finding) => finding.fact);
}

/** The symptoms of an observation, sorted and without repeats. */
export function symptomsOf(observation: Observation): string[] {
  return [...new Set(observation.findings.map((finding) => finding.symptom))].sort();
}
