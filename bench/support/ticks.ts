import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { checkQueue } from "../../src/queues/names.ts";
import { privateSocket } from "../../src/redis/private.ts";

/** One check job of a tick: the times, in milliseconds since the epoch, and how many targets it carried. */
export interface TickJob {
  readonly tick: number;
  readonly enqueued: number;
  /** All its looks were recorded. */
  readonly done: number;
  readonly targets: number;
}

/** The check jobs of scheduled ticks since a time, as BullMQ has kept them: the newest thousand of an hour. */
export async function readTicks(stateDir: string, since: number): Promise<TickJob[]> {
  const connection = new Redis({ path: privateSocket(stateDir), maxRetriesPerRequest: null });
  const { name, prefix } = checkQueue("bench");
  const queue = new Queue(name, { connection, prefix, skipMetasUpdate: true });
  try {
    const jobs = await queue.getJobs(["completed"], 0, -1);
    return jobs.flatMap(({ data, timestamp, finishedOn }) =>
      data.tick === undefined || data.tick < since || finishedOn === undefined
        ? []
        : [{ tick: data.tick, enqueued: timestamp, done: finishedOn, targets: data.targets.length }],
    );
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
