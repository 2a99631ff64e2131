import { type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Log } from "../src/model/log.ts";
import { type JobName, type Payloads, catalogue, parsePayload } from "../src/queues/catalogue.ts";
import type { QueueAddress } from "../src/queues/names.ts";
import { createComplainer } from "./complainer.ts";

/**
 * After kill -9 a job is found again in `lockDuration` + `stalledInterval` at most (BullMQ's own: 60 s). A job that stalls more
 * often than `maxStalledCount` fails.
 */
const recovery = { lockDuration: 5_000, stalledInterval: 2_500, maxStalledCount: 20 } as const;

/** How long a worker that stops waits for its jobs (milliseconds); what is not done by then is found stalled, and done again. */
const closeWithin = 5_000;

/** What runs one kind of job. */
export type Handler<Name extends JobName> = (
  data: Payloads[Name],
  delivery: { readonly job: Job; readonly token: string | undefined; readonly signal: AbortSignal },
) => Promise<unknown>;

/** The handlers of one queue, by job name; a payload has passed its schema. */
export type Handlers = { readonly [Name in JobName]?: Handler<Name> };

/** One BullMQ worker. */
export interface JobWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

/** Starts a worker that validates each job before it runs: another name or payload fails with a clear reason and runs nothing. */
export function startJobWorker(options: {
  address: QueueAddress;
  connection: Redis;
  concurrency: number;
  handlers: Handlers;
  log: Log;
  backoff?: (error: Error) => number;
}): JobWorker {
  const { address, connection, concurrency, handlers, log, backoff } = options;
  // BullMQ hands the signal only to processors that declare three parameters.
  const worker = new Worker(
    address.name,
    (job, token, signal) => run(handlers, { job, token, signal: signal ?? new AbortController().signal }),
    {
      connection,
      prefix: address.prefix,
      concurrency,
      ...recovery,
      ...(backoff === undefined
        ? {}
        : {
            settings: {
              backoffStrategy: (_made: number, _type?: string, error?: Error) => (error ? backoff(error) : 0),
            },
          }),
    },
  );
  const complain = createComplainer(log);
  worker.on("error", (error) => complain(`queue ${address.name}: ${error.message}`));
  return {
    worker,
    stop: async () => {
      worker.cancelAllJobs("healq stops");
      const late = new Promise((resolve) => setTimeout(resolve, closeWithin).unref());
      await Promise.race([worker.close().catch(() => undefined), late]);
      connection.disconnect();
    },
  };
}

type Delivery = Parameters<Handler<JobName>>[1];

async function run(handlers: Handlers, delivery: Delivery): Promise<unknown> {
  const { job } = delivery;
  const name = Object.keys(handlers).find((known): known is JobName => known === job.name);
  if (name === undefined)
    throw new UnrecoverableError(`no job of this queue is named ${JSON.stringify(job.name)}`);
  return dispatch(name, handlers, delivery);
}

function dispatch<Name extends JobName>(
  name: Name,
  handlers: Handlers,
  delivery: Delivery,
): Promise<unknown> {
  const handler: Handler<Name> | undefined = handlers[name];
  const payload = parsePayload(catalogue[name].schema, delivery.job.data);
  if (!payload.ok) throw new UnrecoverableError(`the data of this ${name} is not valid: ${payload.problem}`);
  if (handler === undefined) throw new UnrecoverableError(`nobody runs ${name} here`);
  return handler(payload.data, delivery);
}
