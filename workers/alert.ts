import type { Redis } from "ioredis";
import { type AlertContext, runAlert } from "../jobs/alert.ts";
import { exact } from "../src/lib/exact.ts";
import { alertSend } from "../src/queues/catalogue.ts";
import { alertQueue } from "../src/queues/names.ts";
import { handle, type JobWorker, startJobWorker } from "./job-worker.ts";

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
      "alert:send": handle(alertSend, ({ channel, alert }, { job, signal }) => {
        const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
        return runAlert({ id: job.id ?? "", channel, alert: exact(alert), last, signal }, context);
      }),
    },
  });
}
