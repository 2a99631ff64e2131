import { type Job, UnrecoverableError } from "bullmq";
import type { Redis } from "ioredis";
import * as z from "zod";
import type { HealContext } from "../jobs/context.ts";
import type { Ended, HealJob } from "../jobs/heal/attempt.ts";
import { runHeal } from "../jobs/heal.ts";
import { runWish, type WishJob } from "../jobs/wish.ts";
import { healRun, targetWish } from "../src/queues/catalogue.ts";
import { healQueue } from "../src/queues/names.ts";
import { openJobLog } from "./job-log.ts";
import { handle, type JobWorker, startJobWorker, TryAgain } from "./job-worker.ts";

/** Jobs that wait (for a lock, a slot, a verification, another heal) hold no slot from others: there are as many as needed. */
const concurrency = 10_000;

const progress = z.object({ remedy: z.string(), startedAt: z.number(), attempt: z.number() });
const begun = z.object({ begunAt: z.number() });

/** Runs the heals and wishes of one queue (`heal.NODE` or `heal.any`). Only the supervisor does. */
export function startHealWorker(options: {
  node: string;
  connection: Redis;
  context: HealContext;
}): JobWorker {
  const { node, connection, context } = options;
  const lookIn = new Map<string, number>();
  const started = startJobWorker({
    address: healQueue(node),
    connection,
    concurrency,
    log: context.log,
    handlers: {
      "heal:run": handle(healRun, (data, { job, signal }) =>
        withLog(job, context, async (say) => {
          const ended = await runHeal({ ...deliveryOf(job), data, signal, say }, context);
          return inBullMqsTerms(ended, { lookIn, target: data.target });
        }),
      ),
      "target:wish": handle(targetWish, (data, { job, signal }) =>
        withLog(job, context, (say) => runWish({ ...wishDeliveryOf(job), data, signal, say }, context)),
      ),
    },
  });
  lookOnceMore(started, { context, lookIn });
  return started;
}

/** What BullMQ knows of this delivery. What was applied is kept as the job's progress, with the attempt that it belongs to. */
function deliveryOf(job: Job): Omit<HealJob, "data" | "signal" | "say"> {
  const { attemptsMade: attempt, attemptsStarted } = job;
  const kept = progress.safeParse(job.progress);
  return {
    id: job.id ?? "",
    attempt,
    first: attemptsStarted <= 1,
    attempts: job.opts.attempts ?? 1,
    ...(kept.success && kept.data.attempt === attempt ? { applied: kept.data } : {}),
    keepApplied: (applied) => {
      job.updateProgress({ ...applied, attempt }).catch(() => undefined); // then it is applied once more, which it stands
    },
  };
}

/** The same of a wish. */
function wishDeliveryOf(job: Job): Omit<WishJob, "data" | "signal" | "say"> {
  const kept = begun.safeParse(job.progress);
  return {
    id: job.id ?? "",
    ...(kept.success ? kept.data : {}),
    keepBegun: (begunAt) => {
      job.updateProgress({ begunAt }).catch(() => undefined); // then what is new is restarted once more
    },
  };
}

/** One more look once a job has ended, and so no longer counts as in flight: a death during the verification is not lost. */
function lookOnceMore(
  { worker }: JobWorker,
  { context, lookIn }: { context: HealContext; lookIn: Map<string, number> },
): void {
  const look = (job: Job | undefined) => {
    const target = typeof job?.data?.target === "string" ? job.data.target : undefined;
    if (target === undefined || job?.data.dryRun === true || !context.config.targets.has(target)) return;
    context.limits.ended(target);
    const delay = lookIn.get(target);
    lookIn.delete(target);
    context.dispatch.look([target], delay).catch(() => undefined); // the next tick looks
  };
  worker.on("completed", look);
  worker.on("failed", look);
}

function inBullMqsTerms(ended: Ended, { lookIn, target }: { lookIn: Map<string, number>; target: string }) {
  if (ended.type === "again") throw new TryAgain(ended.reason, ended.retryIn);
  if (ended.type === "failed") throw new UnrecoverableError(ended.reason);
  if (ended.lookIn !== undefined) lookIn.set(target, ended.lookIn);
  return ended.result;
}

/** Runs `work` with the job's log; the job does not end before its log is written. */
async function withLog<T>(
  job: Job,
  { redact, clock }: HealContext,
  work: (say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const log = openJobLog(job, { redact, now: () => clock.now() });
  try {
    return await work(log.say);
  } finally {
    await log.written();
  }
}
