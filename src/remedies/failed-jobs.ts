import type { Redis } from "ioredis";
import type { CheckMemory } from "../model/ports.ts";

/** Which failed jobs: at most so many, that failed since then (milliseconds since the epoch). */
export interface Wanted {
  readonly key: string;
  readonly max: number;
  readonly since: number;
}

/** What may be retried, and what is left alone. */
export interface FailedJobs {
  /** The oldest first. */
  readonly ids: readonly string[];
  /** They failed again after a retry. */
  readonly again: number;
  readonly isPaused: boolean;
  /** Who wrote the queue, as BullMQ says it: `bullmq:6.7.0`; empty when it does not. */
  readonly version: string;
}

/** At most so many failed jobs are read, also where most of them were retried before. */
const read = 2_000;

/**
 * The failed jobs of a queue. One that made more attempts than its options allow has been retried before, by whomever: BullMQ goes on
 * counting. What healq itself retried is remembered besides, for jobs that fail without an attempt.
 */
export async function failedJobs(
  redis: Redis,
  { key, max, since }: Wanted,
  retried: ReadonlySet<string>,
): Promise<FailedJobs> {
  const [paused, version] = await redis.hmget(`${key}:meta`, "paused", "version");
  const all = await redis.zrange(`${key}:failed`, `(${since}`, "+inf", "BYSCORE", "LIMIT", 0, read);
  const seen = await Promise.all(
    all.map(async (id) => ({ id, isAgain: retried.has(id) || (await madeMore(redis, `${key}:${id}`)) })),
  );
  const ids = seen.flatMap(({ id, isAgain }) => (isAgain ? [] : [id])).slice(0, max);
  const again = seen.filter(({ isAgain }) => isAgain).length;
  return { ids, again, isPaused: (paused ?? "") !== "", version: version ?? "" };
}

async function madeMore(redis: Redis, job: string): Promise<boolean> {
  const [made, older, opts] = await redis.hmget(job, "atm", "attemptsMade", "opts");
  const allowed = /"attempts":(\d{1,6})\b/.exec((opts ?? "").slice(0, 10_000))?.[1];
  return Number(made ?? older ?? 0) > Math.max(1, Number(allowed ?? 1));
}

const memoryKey = "retried";

/** Ids that are remembered; the oldest are forgotten first. */
const remembered = 10_000;

/** What healq has retried of this target, since it was started. */
export function retriedOf(memory: CheckMemory): ReadonlySet<string> {
  // Only such sets are kept under this key.
  return (memory.get(memoryKey) as ReadonlySet<string> | undefined) ?? new Set();
}

/** Takes down that these were retried. */
export function rememberRetried(memory: CheckMemory, ids: readonly string[]): void {
  memory.set(memoryKey, new Set([...retriedOf(memory), ...ids].slice(-remembered)));
}
