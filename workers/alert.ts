import type { Redis } from "ioredis";
import { type AlertContext, isSentHere, runAlert } from "../jobs/alert.ts";
import { exact } from "../src/lib/exact.ts";
import { alertSend } from "../src/queues/catalogue.ts";
import { alertQueue } from "../src/queues/names.ts";
import { handle, type JobWorker, NotHere, startJobWorker } from "./job-worker.ts";

const concurrency = 10;
/** An alert that another node is to send is put back for so long, in milliseconds: that node takes it meanwhile, or the next time. */
const putBackFor = 300;
/** After so long (milliseconds) it is sent by whoever can: its node may be what the alert is about. */
const putBackAtMost = 60_000;

/** Sends the alerts that policy asked for, on whatever node; one whose channel this node does not have is left to the others. */
export function startAlertWorker(options: { connection: Redis; context: AlertContext }): JobWorker {
  const { connection, context } = options;
  return startJobWorker({
    address: alertQueue,
    connection,
    concurrency,
    log: context.log,
    handlers: {
      "alert:send": handle(alertSend, ({ channel, alert }, { job, signal }) => {
        // A time that is yet to come was forged: it must not be put back for ever.
        const old = Math.abs(Date.now() - job.timestamp) > putBackAtMost;
        if (!old && !isSentHere({ channel, alert: exact(alert) }, context)) throw new NotHere(putBackFor);
        const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
        return runAlert({ id: job.id ?? "", channel, alert: exact(alert), last, signal }, context);
      }),
    },
  });
}
