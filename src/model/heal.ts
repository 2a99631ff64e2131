/** How a heal that did not fail ended. */
export type HealOutcome = "healed" | "already-healthy" | "dry-run" | "skipped";

/** The return value of `heal:run` (contract §4). Durations in milliseconds. */
export interface HealResult {
  readonly target: string;
  readonly outcome: HealOutcome;
  readonly remedy: string | null;
  readonly reason: string;
  readonly applications: number;
  /** From the first bad look of the incident to the verified cure; null when nothing was cured. */
  readonly recoveredMs: number | null;
  readonly durationMs: number;
  readonly incident: string | null;
  readonly plan?: readonly string[];
}

/** What a person may want of a process. */
export type Wish = "start" | "stop" | "restart";
