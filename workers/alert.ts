import type { Redis } from "ioredis";
import { type AlertContext, runAlert } from "../jobs/alert.ts";
import type { Alert } from "../src/model/alert.ts";
import { alertQueue } from "../src/queues/names.ts";
import { type JobWorker, startJobWorker } from "./job-worker.ts";

const concurrency = 10;

/** Sends the alerts that policy asked for. */
export function startAlertWorker(options: { connection: Redis; context: AlertContext }): JobWorker {
  const { connection, context } = options;
  return startJobWorker({
    address: alertQueue,
    connection,
    concurrency,
    log: context.log,
    handlers: {
      "alert:send": ({ channel, alert }, { job, signal }) => {
        const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
        // exactOptionalPropertyTypes: zod types an absent key as `undefined`, which JSON cannot hold.
        return runAlert({ id: job.id ?? "", channel, alert: alert as Alert, last, signal }, context);
      },
    },
  });
}
