import type { Redis } from "ioredis";
import { runCheck } from "../jobs/check.ts";
import type { LookContext } from "../jobs/context.ts";
import { orAborted } from "../src/lib/or-aborted.ts";
import type { Log } from "../src/model/log.ts";
import { checkRun, logsRead, type Payloads } from "../src/queues/catalogue.ts";
import { checkQueue } from "../src/queues/names.ts";
import { handle, type JobWorker, startJobWorker } from "./job-worker.ts";

/** Check jobs at once: one that waits for a slow target must not hold up those of the next seconds. */
const concurrency = 100;
/** A tick's job that is found later than this (milliseconds) is not made up for: the next tick is there already. */
const latest = 5_000;

/** Runs the check jobs of one queue (`check.NODE` or `check.any`). */
export function startCheckWorker(options: {
  node: string;
  connection: Redis;
  context: LookContext & { readonly log: Log };
  /** Reads the log of a process of this node, and lays the answer down for whoever asked. */
  answerLogs?: (request: Payloads["logs:read"], job: string) => Promise<void>;
}): JobWorker {
  const { node, connection, context, answerLogs } = options;
  return startJobWorker({
    address: checkQueue(node),
    connection,
    concurrency,
    log: context.log,
    handlers: {
      "check:run": handle(checkRun, async ({ targets, tick, trigger }, { signal }) => {
        const lateMs = tick === undefined ? 0 : context.clock.now() - tick;
        if (lateMs > latest) return { dropped: `this tick is ${Math.round(lateMs / 1_000)} s old` };
        return orAborted(runCheck(targets, trigger, context), signal);
      }),
      ...(answerLogs === undefined
        ? {}
        : { "logs:read": handle(logsRead, (request, { job }) => answerLogs(request, job.id ?? "")) }),
    },
  });
}
