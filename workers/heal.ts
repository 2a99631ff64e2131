import { type Job, UnrecoverableError, WaitingError } from "bullmq";
import type { Redis } from "ioredis";
import type { HealContext } from "../jobs/context.ts";
import { runHeal } from "../jobs/heal.ts";
import { type Ended, HealqStops } from "../jobs/heal/attempt.ts";
import { runWish } from "../jobs/wish.ts";
import { healQueue } from "../src/queues/names.ts";
import { type Handler, type JobWorker, startJobWorker } from "./job-worker.ts";

/** Jobs that wait (for a lock, a slot, a verification, another heal) hold no slot from others: there are as many as needed. */
const concurrency = 10_000;

/** Not cured, and there are tries left; BullMQ runs the job again after `retryIn` milliseconds. */
class TryAgain extends Error {
  readonly retryIn: number;
  constructor(reason: string, retryIn: number) {
    super(reason);
    this.retryIn = retryIn;
  }
}

/** Runs the heals and wishes of one queue (`heal.NODE` or `heal.any`). Only the supervisor does. */
export function startHealWorker(options: {
  node: string;
  connection: Redis;
  context: HealContext;
}): JobWorker {
  const { node, connection, context } = options;
  const lookIn = new Map<string, number>();
  const heal: Handler<"heal:run"> = async (data, { job, token, signal }) => {
    const attempts = job.opts.attempts ?? 1;
    try {
      const say = logOf(job, context);
      const of = { id: job.id ?? "", data, attempt: job.attemptsMade, attempts, signal, say };
      return inBullMqsTerms(await runHeal(of, context), { lookIn, target: data.target });
    } catch (error) {
      // Cancelled while it acted, or while it waited for its target's lock.
      if (!(error instanceof HealqStops) && !signal.aborted) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const started = startJobWorker({
    address: healQueue(node),
    connection,
    concurrency,
    log: context.log,
    backoff: (error) => (error instanceof TryAgain ? error.retryIn : 1_000),
    handlers: {
      "heal:run": heal,
      "target:wish": (data, { job, signal }) =>
        runWish({ id: job.id ?? "", data, signal, say: logOf(job, context) }, context),
    },
  });
  // One more look once the job has ended, and so no longer counts as in flight: a death during the verification is not lost.
  const lookOnceMore = (job: Job | undefined) => {
    const target = typeof job?.data?.target === "string" ? job.data.target : undefined;
    if (target === undefined || job?.data.dryRun === true || !context.config.targets.has(target)) return;
    const delay = lookIn.get(target);
    lookIn.delete(target);
    context.dispatch.look([target], delay).catch(() => undefined); // the next tick looks
  };
  started.worker.on("completed", lookOnceMore);
  started.worker.on("failed", lookOnceMore);
  return started;
}

function inBullMqsTerms(ended: Ended, { lookIn, target }: { lookIn: Map<string, number>; target: string }) {
  if (ended.type === "again") throw new TryAgain(ended.reason, ended.retryIn);
  if (ended.type === "failed") throw new UnrecoverableError(ended.reason);
  if (ended.lookIn !== undefined) lookIn.set(target, ended.lookIn);
  return ended.result;
}

/** The job's log in Bull Board: each line with its time, secrets removed. */
function logOf(job: Job, { redact, clock }: HealContext) {
  return (line: string) => {
    const time = new Date(clock.now()).toISOString().slice(11, 23);
    job.log(`${time} ${redact(line)}`).catch(() => undefined); // a log line is not worth a heal
  };
}
