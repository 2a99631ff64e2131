import type { Job, Queue, QueueEvents } from "bullmq";
import { HealqError } from "../model/errors.ts";

/**
 * Pauses between looks at a job that is waited for, in milliseconds, growing: its event may come before anybody listens,
 * or be missed while Redis is away.
 */
const firstPause = 20;
const longestPause = 1_000;

/** How a job ended: its return value, or why it failed. */
type End = { readonly value: unknown } | { readonly error: Error };

/** Waits for jobs of one queue to end. */
export interface Ends {
  /**
   * Resolves with the job's return value; rejects with its reason, with `job-gone` when there is no such job any more (a
   * person removed it, Redis lost it), and with the signal's reason when that aborts.
   */
  of(job: Job, signal: AbortSignal): Promise<unknown>;
}

/**
 * Not `job.waitUntilFinished`: that one rejects where nobody can catch it when Redis goes away at the wrong moment, and waits
 * for ever for a job that was removed.
 */
export function createEnds(queue: Queue, events: QueueEvents): Ends {
  const waiting = new Map<string, Set<(end: End) => void>>();
  const tell = (id: string, end: End) => {
    for (const settle of waiting.get(id) ?? []) settle(end);
  };
  // BullMQ's type says string; what arrives is the parsed return value.
  events.on("completed", ({ jobId, returnvalue }) => tell(jobId, { value: returnvalue }));
  events.on("failed", ({ jobId, failedReason }) => tell(jobId, { error: new Error(failedReason) }));

  /** Looks at growing pauses until `isOver`; Redis being away only makes the next look see it. */
  const lookUntil = async (id: string, isOver: () => boolean) => {
    for (let pause = firstPause; !isOver(); pause = Math.min(longestPause, pause * 2)) {
      const end = await endOf(queue, id).catch(() => undefined);
      if (end !== undefined) tell(id, end);
      if (!isOver()) await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
  };
  return {
    of: async (job, signal) => {
      const id = job.id ?? "";
      const settlers = waiting.get(id) ?? new Set();
      waiting.set(id, settlers);
      let settle: (end: End) => void = () => undefined;
      const abort = () => settle({ error: signal.reason });
      try {
        const end = await new Promise<End>((resolve) => {
          settle = resolve;
          settlers.add(settle);
          signal.addEventListener("abort", abort, { once: true });
          if (signal.aborted) abort();
          lookUntil(id, () => !settlers.has(settle) || signal.aborted);
        });
        if ("error" in end) throw end.error;
        return end.value;
      } finally {
        signal.removeEventListener("abort", abort);
        settlers.delete(settle);
        if (settlers.size === 0 && waiting.get(id) === settlers) waiting.delete(id);
      }
    },
  };
}

/** How the job has ended; undefined while it has not. */
async function endOf(queue: Queue, id: string): Promise<End | undefined> {
  const state = await queue.getJobState(id);
  if (state !== "completed" && state !== "failed" && state !== "unknown") return undefined;
  const job = await queue.getJob(id);
  if (job === undefined) {
    return {
      error: new HealqError("job-gone", `job ${id} is no longer there: it was removed before it ended`),
    };
  }
  if (state === "completed") return { value: job.returnvalue };
  return state === "failed" ? { error: new Error(job.failedReason) } : undefined;
}
