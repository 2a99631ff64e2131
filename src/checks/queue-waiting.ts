import type { Redis } from "ioredis";

/** So many jobs are looked at at each end of a list. */
export const sampled = 10;

/** Priorities are the upper bits of a score. Source: BullMQ, commands/includes/getPriorityScore.lua. */
const scoreOfPriority = 0x100000000;

/** A job that waits, and since when it could have run. */
export interface Candidate {
  readonly id: string;
  readonly since: number;
}

interface Ends {
  key(name: string): string;
  readonly ids: readonly string[];
  /** The last prioritized job and its score: the least urgent ones starve first. */
  readonly lastPriority: readonly string[];
  /** The next delayed job and its score. */
  readonly nextDelayed: readonly string[];
  /** A delayed job with a lower score should have run. */
  readonly due: number;
}

/**
 * The job that has waited longest, of both ends of the list, of the most urgent and the least urgent priority, and of the delayed ones:
 * jobs are taken in order, so that is the oldest but for odd mixtures of LIFO and FIFO.
 */
export async function oldestOf(
  redis: Redis,
  { key, ids, lastPriority, nextDelayed, due }: Ends,
): Promise<Candidate | undefined> {
  const lowest = Math.floor(Number(lastPriority[1] ?? 0) / scoreOfPriority) * scoreOfPriority;
  const starving =
    lastPriority.length === 0
      ? []
      : await redis.zrange(key("prioritized"), lowest, "+inf", "BYSCORE", "LIMIT", 0, sampled);
  const all = [...new Set([...ids, ...starving])];
  const found = await Promise.all(
    all.map(async (id) => ({
      id,
      since: sinceOf(await redis.hmget(key(id), "timestamp", "processedOn", "opts")),
    })),
  );
  const [delayedId, score] = nextDelayed;
  const overdue =
    delayedId !== undefined && Number(score) < due ? [{ id: delayedId, since: Number(score) / 0x1000 }] : [];
  return [...found, ...overdue]
    .flatMap(({ id, since }) => (since === undefined ? [] : [{ id, since }]))
    .sort((a, b) => a.since - b.since)[0];
}

/** A delay ran from when the job was made; one that was tried already has waited since then at most. Undefined when it is gone. */
function sinceOf([timestamp, processedOn, opts]: readonly (string | null)[]): number | undefined {
  if (timestamp === null || timestamp === undefined) return undefined;
  const since = Math.max(Number(timestamp) + delayOf(opts ?? ""), Number(processedOn ?? 0));
  return Number.isFinite(since) ? since : undefined;
}

/** Whoever adds jobs writes their options. */
function delayOf(opts: string): number {
  const delay = /"delay":(\d{1,15})\b/.exec(opts.slice(0, 10_000))?.[1];
  return Number(delay ?? 0);
}
