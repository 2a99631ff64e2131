import type { Severity } from "./status.ts";

/** What keeps a heal from being done now. */
export type Hindrance =
  | "hysteresis"
  | "inhibition"
  | "silence"
  | "budget"
  | "breaker"
  | "blast-radius"
  | "mode"
  | "in-flight"
  | "stopped"
  | "starting";

/** One thing to do after an observation, in the words of the architecture. */
export type Step =
  /** Enqueue `heal:run`; with a delay, look again then (nothing sits in the queue meanwhile). Milliseconds. */
  | {
      readonly type: "heal";
      readonly symptom: string;
      readonly delay: number;
      readonly attempts: number;
      readonly dryRun: boolean;
    }
  | {
      readonly type: "alert";
      readonly severity: "info" | Severity;
      readonly event: string;
      readonly message: string;
    }
  /** Not healed now; `until` (milliseconds since the epoch) asks for a look at that time. */
  | { readonly type: "wait"; readonly by: Hindrance; readonly until?: number }
  | { readonly type: "resolve" };

/** What changed, to be written to the audit with the new state, in one piece. */
export interface Mark {
  readonly event:
    | "check.changed"
    | "incident.opened"
    | "incident.resolved"
    | "incident.gave-up"
    | "heal.failed"
    | "heal.skipped"
    | "breaker.opened"
    | "breaker.closed";
  readonly reason: string;
  readonly symptom?: string;
  readonly incident?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What policy says after an observation. */
export interface Decision {
  /** In one word: the phase it leads to is in the state. */
  readonly verdict: "ok" | "unknown" | "suspect" | "heal" | "wait" | "recovering" | "resolved" | "gave-up";
  /** For people, word for word in the audit. */
  readonly reason: string;
  readonly steps: readonly Step[];
  readonly marks: readonly Mark[];
}
