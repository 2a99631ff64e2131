import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type * as z from "zod";
import type { Log } from "../src/model/log.ts";
import { parsePayload } from "../src/queues/catalogue.ts";
import type { QueueAddress } from "../src/queues/names.ts";
import { wordsOf } from "../src/redis/refusal.ts";
import { createComplainer } from "./complainer.ts";
import { createDeliveries } from "./deliveries.ts";

/**
 * After kill -9 a job is found again in `lockDuration` + `stalledInterval` at most (BullMQ's own: 60 s). A job that stalls more
 * often than `maxStalledCount` fails.
 */
const recovery = { lockDuration: 5_000, stalledInterval: 2_500, maxStalledCount: 20 } as const;

/** How long a worker that stops waits for its jobs (milliseconds); what is not done by then is found stalled, and done again. */
const closeWithin = 2_000;

/** How soon a job that failed for a reason of healq's own (Redis went away in the middle) is run again, in milliseconds. */
const retrySoon = 1_000;

/** One delivery of a job; `signal` aborts when the job is cancelled, or healq stops. */
export interface Delivery {
  readonly job: Job;
  readonly signal: AbortSignal;
}

/** Runs the jobs of one name. Made by `handle`. */
export type Handler = (delivery: Delivery) => Promise<unknown>;

/** The job failed for now: BullMQ runs it again after `retryIn` milliseconds, as long as it has attempts left. */
export class TryAgain extends Error {
  readonly retryIn: number;
  constructor(reason: string, retryIn: number) {
    super(reason);
    this.retryIn = retryIn;
  }
}

/** The job is for another node on the same queue: it is put back for `retryIn` milliseconds, and costs no attempt. */
export class NotHere extends Error {
  readonly retryIn: number;
  constructor(retryIn: number) {
    super("this job is for another node");
    this.retryIn = retryIn;
  }
}

/** One BullMQ worker. */
export interface JobWorker {
  readonly worker: Worker;
  /** What runs is handed back to the queue for the next healq. Bounded in time. */
  stop(): Promise<void>;
}

/** A handler that gets only what has passed its schema; other payloads fail with a clear reason and run nothing. */
export function handle<T>(
  schema: z.ZodType<T>,
  run: (data: T, delivery: Delivery) => Promise<unknown>,
): Handler {
  return async (delivery) => {
    const { name, data } = delivery.job;
    const payload = parsePayload(schema, data);
    if (payload.ok) return run(payload.data, delivery);
    throw new UnrecoverableError(`the data of this ${name} is not valid: ${payload.problem}`);
  };
}

/** Starts the worker of one queue, with a handler for each job name; jobs of other names fail. */
export function startJobWorker(options: {
  address: QueueAddress;
  connection: Redis;
  concurrency: number;
  handlers: Readonly<Record<string, Handler>>;
  log: Log;
}): JobWorker {
  const { address, connection, concurrency, handlers, log } = options;
  const deliveries = createDeliveries(isOutcome);
  let stopping = false;
  // BullMQ hands the signal only to processors that declare three parameters.
  const process = async (job: Job, token?: string, signal?: AbortSignal) => {
    try {
      if (stopping) throw new Error("healq stops");
      const delivery = { job, signal: signal ?? new AbortController().signal };
      return await deliveries.join(job, () => handlerOf(handlers, job.name)(delivery));
    } catch (error) {
      if (error instanceof NotHere) {
        await job.moveToDelayed(Date.now() + error.retryIn, token);
        throw new DelayedError();
      }
      if (!stopping || isOutcome(error)) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const backoffStrategy = (_made: number, _type?: string, error?: Error) =>
    error instanceof TryAgain ? error.retryIn : retrySoon;
  const { name, prefix } = address;
  const settings = { backoffStrategy };
  const worker = new Worker(name, process, { connection, prefix, concurrency, settings, ...recovery });
  deliveries.follow(worker);
  const complain = createComplainer(log);
  worker.on("error", (error) => complain(`queue ${name}: ${wordsOf(error)}`));
  return {
    worker,
    stop: async () => {
      stopping = true;
      // In this order: what is handed back must not be fetched again.
      const closed = worker.close().catch(() => undefined);
      worker.cancelAllJobs("healq stops");
      const late = new Promise((resolve) => setTimeout(resolve, closeWithin).unref());
      await Promise.race([closed, late]);
      connection.disconnect();
    },
  };
}

/** The job itself ended like that; anything else happened to healq. */
function isOutcome(error: unknown): boolean {
  return error instanceof UnrecoverableError || error instanceof TryAgain;
}

function handlerOf(handlers: Readonly<Record<string, Handler>>, name: string): Handler {
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (handler !== undefined) return handler;
  throw new UnrecoverableError(`no job of this queue is named ${JSON.stringify(name)}`);
}
