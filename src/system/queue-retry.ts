import { orAborted } from "../lib/or-aborted.ts";
import { addressOptions } from "./redis-source.ts";

/** A BullMQ queue of another program. */
export interface RetryQueue {
  readonly url: string;
  readonly prefix: string;
  readonly queue: string;
}

/** Puts failed jobs back to work. */
export interface Retrier {
  /** False when the job is not there, or has not failed, any more. */
  retry(id: string): Promise<boolean>;
}

/**
 * Hands a connection of BullMQ's own to `work`, and closes it after. A retry is BullMQ's own script, so that its events, priorities and
 * parents come out right; the attempts it has made stay counted. The queue's meta key is not written, and BullMQ is
 * loaded here and only now.
 */
export async function withRetrier<T>(
  { url, prefix, queue: name }: RetryQueue,
  signal: AbortSignal,
  work: (retrier: Retrier) => Promise<T>,
): Promise<T> {
  const { Queue } = await import("./queue-driver.ts");
  const connection = {
    ...addressOptions({ url }),
    replyMapping: "legacy" as const,
    connectionName: "healq",
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  };
  const queue = new Queue(name, { connection, prefix, skipMetasUpdate: true, skipVersionCheck: true });
  queue.on("error", () => undefined);
  const retry = async (id: string): Promise<boolean> => {
    const job = await queue.getJob(id);
    if (job === undefined) return false;
    return job.retry("failed").then(() => true, gone);
  };
  try {
    return await orAborted(work({ retry }), signal);
  } finally {
    await queue.disconnect().catch(() => undefined);
  }
}

/** Somebody else has retried or removed it. Codes of BullMQ: -1 it does not exist, -3 it is not in that state. */
function gone(error: unknown): false {
  if (error instanceof Error && "code" in error && (error.code === -1 || error.code === -3)) return false;
  throw error;
}
