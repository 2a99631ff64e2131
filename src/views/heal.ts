import { formatDuration } from "../lib/duration.ts";
import type { HealOutcome, HealResult } from "../model/heal.ts";

/** How one requested heal ended, as `healq heal --json` shows it: the result of the job, or `failed` with the reason. */
export type HealView = Omit<HealResult, "outcome"> & {
  readonly outcome: HealOutcome | "failed" | "unreachable" | "requested";
  /** Id of the BullMQ job; null when it could not be enqueued. */
  readonly job: string | null;
};

/** The result of a heal that did not fail. */
export function healView(result: HealResult, job: string): HealView {
  return { ...result, job };
}

/** A heal without a result: it failed, could not be asked for, or is not waited for. */
export function healWithoutResult(
  target: string,
  end: {
    outcome: "failed" | "unreachable" | "requested";
    reason: string;
    job: string | null;
    durationMs: number;
  },
): HealView {
  const nothing = { remedy: null, applications: 0, recoveredMs: null, incident: null };
  return { target, ...nothing, ...end };
}

/** One sentence for a person, with the target in front. */
export function healSentence(view: HealView): string {
  return `${view.target}: ${said(view)}`;
}

function said(view: HealView): string {
  switch (view.outcome) {
    case "healed": {
      const took = view.recoveredMs ?? view.durationMs;
      const times = view.applications > 1 ? `, at the ${ordinal(view.applications)} application` : "";
      return `healed by ${view.remedy ?? "waiting"} in ${formatDuration(took)}${times} (${view.reason})`;
    }
    case "already-healthy":
      return `already healthy, nothing was done (${view.reason})`;
    case "dry-run":
      return `dry run, nothing was done (${view.reason})`;
    case "skipped":
      return view.reason.startsWith("not healed") ? view.reason : `not healed: ${view.reason}`;
    case "failed":
      return `heal failed: ${view.reason}`;
    case "unreachable":
      return `no answer: ${view.reason}`;
    case "requested":
      return `heal requested as job ${view.job ?? "?"}`;
  }
}

function ordinal(n: number): string {
  const tens = n % 100;
  const ending = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}
