import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** A delay may be longer than what is left of it by this, in milliseconds, before the clock is to blame. */
const slack = 1_000;
/** BullMQ keeps when a job is due in the upper bits of a score. Source: `moveToDelayed` of BullMQ 6. */
const scorePerMs = 0x1000;

/**
 * Lets jobs run that wait longer than they were told to: their clock was set back since. A heal that waits for its next try would
 * keep its target from being healed for as long as the clock was set back. Resolves to how many there were.
 */
export async function promoteOverlong(
  queues: readonly Queue[],
  { redis, now }: { redis: Redis; now: number },
): Promise<number> {
  let promoted = 0;
  for (const queue of queues) {
    for (const job of await queue.getDelayed()) {
      const score = await redis.zscore(queue.toKey("delayed"), job.id ?? "");
      const left = score === null ? 0 : Number(score) / scorePerMs - now;
      if (left <= job.delay + slack) continue;
      // Somebody else may have been faster.
      promoted += await job.promote().then(
        () => 1,
        () => 0,
      );
    }
  }
  return promoted;
}
