import type { Job, Worker } from "bullmq";

/** Makes one piece of work of all deliveries of a job's attempt. */
export interface Deliveries {
  /** Runs `work`, or waits for what an earlier delivery of this very attempt does or has done here. */
  join(job: Job, work: () => Promise<unknown>): Promise<unknown>;
  /** Forgets the jobs of this worker that have ended. */
  follow(worker: Worker): void;
}

/**
 * BullMQ delivers at least once: a job whose lock was lost while it ran (healq was stopped by a signal, or too busy to
 * renew it) is delivered again to the process that still works on it, and the first delivery cannot say any more how
 * it ended. The second one gets the first one's outcome, so nothing is done or told twice.
 *
 * @param isOutcome whether an error says how the job ended; after any other one (Redis went away) the work is done anew
 */
export function createDeliveries(isOutcome: (error: unknown) => boolean): Deliveries {
  const known = new Map<string, { attempt: number; outcome: Promise<unknown> }>();
  return {
    join: (job, work) => {
      const id = job.id ?? "";
      const attempt = job.attemptsMade;
      const earlier = known.get(id);
      if (earlier?.attempt === attempt) return earlier.outcome;
      const outcome = work();
      known.set(id, { attempt, outcome });
      outcome.catch((error: unknown) => {
        if (!isOutcome(error)) known.delete(id);
      });
      return outcome;
    },
    follow: (worker) => {
      // Told only once BullMQ has taken the outcome down.
      const forget = (job: Job | undefined) => known.delete(job?.id ?? "");
      worker.on("completed", forget);
      worker.on("failed", forget);
    },
  };
}
