import type { Redis } from "ioredis";
import { runCheck } from "../jobs/check.ts";
import type { CheckContext } from "../jobs/context.ts";
import { orAborted } from "../src/lib/or-aborted.ts";
import { checkRun } from "../src/queues/catalogue.ts";
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
  context: CheckContext;
}): JobWorker {
  const { node, connection, context } = options;
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
    },
  });
}
