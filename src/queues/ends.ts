import type { Job, Queue, QueueEvents } from "bullmq";
import { HealqError } from "../model/errors.ts";

/** How often a job that is waited for is looked at, in milliseconds: an event may have been missed while Redis was away. */
const lookEvery = 1_000;

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

  const look = async (id: string) => {
    const end = await endOf(queue, id);
    if (end !== undefined) tell(id, end);
  };
  return {
    of: async (job, signal) => {
      const id = job.id ?? "";
      const settlers = waiting.get(id) ?? new Set();
      waiting.set(id, settlers);
      let timer: NodeJS.Timeout | undefined;
      let settle: (end: End) => void = () => undefined;
      const abort = () => settle({ error: signal.reason });
      try {
        const end = await new Promise<End>((resolve) => {
          settle = resolve;
          settlers.add(settle);
          signal.addEventListener("abort", abort, { once: true });
          if (signal.aborted) abort();
          const lookOnce = () => look(id).catch(() => undefined); // Redis is away: the next look sees it
          timer = setInterval(lookOnce, lookEvery);
          lookOnce();
        });
        if ("error" in end) throw end.error;
        return end.value;
      } finally {
        clearInterval(timer);
        signal.removeEventListener("abort", abort);
        settlers.delete(settle);
        if (settlers.size === 0) waiting.delete(id);
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
