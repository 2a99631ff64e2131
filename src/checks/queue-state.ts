import type { Redis } from "ioredis";
import { shownQueue } from "./queue-spec.ts";
import { type Candidate, oldestOf, sampled } from "./queue-waiting.ts";

/** So many active jobs are asked for their locks, the oldest. */
const asked = 100;

/** A delayed job that is due is moved by any worker at once; so many milliseconds later it waits for one. */
const dueFor = 5_000;

/** BullMQ keeps the time of delayed jobs in the upper bits of the score. Source: BullMQ, commands/includes/getDelayedScore.lua. */
const scoreOfTime = 0x1000;

/** What is asked for. */
export interface QueueQuestion {
  readonly prefix: string;
  readonly queue: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The window of failures, in milliseconds. */
  readonly failedPer: number | undefined;
  /** Whether workers are to be counted: `always`, only if some job waits and none is active, or `never`. */
  readonly workers: "always" | "if-idle" | "never";
}

/** How a queue is. */
export interface QueueState {
  /** It has jobs, or somebody has made it. */
  readonly exists: boolean;
  readonly paused: boolean;
  /** Waiting and prioritized jobs, and delayed ones that are due. */
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  /** All that are kept. */
  readonly failed: number;
  /** Within the window. */
  readonly failedLately: number;
  /** The job that has waited longest, of those that were looked at; `since` in milliseconds since the epoch. */
  readonly oldest: Candidate | undefined;
  /** Active jobs without a lock, of the 100 oldest. */
  readonly unlocked: readonly string[];
  /** Connected workers; undefined when they were not counted, or the server does not tell. */
  readonly workers: number | undefined;
}

/**
 * Reads it in two round trips and a few dozen small keys, however long the queue is. Only reads: a `Queue` of BullMQ would write its
 * meta key, and its counts remove old markers. Rejects as Redis does.
 */
export async function readQueue(redis: Redis, question: QueueQuestion): Promise<QueueState> {
  const key = (name: string) => `${shownQueue(question)}:${name}`;
  const due = (question.now - dueFor) * scoreOfTime;
  const [counts, ends] = await Promise.all([countsOf(redis, key, { ...question, due }), endsOf(redis, key)]);
  // Before BullMQ 5 a marker stands where a job would.
  const markers = ends.tail.some(isMarker) ? 1 : 0;
  const { wait, paused, prioritized, dueNow, delayed, active, failed, completed, failedLately, meta } =
    counts;
  const waiting = Math.max(0, wait + paused + prioritized + dueNow - markers);
  const ids = [...ends.head, ...ends.tail, ...ends.urgent].filter((id) => !isMarker(id));
  const [oldest, unlocked, workers] = await Promise.all([
    oldestOf(redis, { key, ids, lastPriority: ends.lastPriority, nextDelayed: ends.nextDelayed, due }),
    unlockedOf(redis, key, ends.atWork),
    countsWorkers(question, waiting, active) ? workersOf(redis, question) : undefined,
  ]);
  return {
    exists: waiting + delayed + active + failed + completed > 0 || meta.some((field) => field !== null),
    paused: (meta[0] ?? null) !== null,
    waiting,
    delayed: delayed - dueNow,
    ...{ active, failed, failedLately, oldest, unlocked, workers },
  };
}

/** Sent together, so that it is one round trip. */
async function countsOf(
  redis: Redis,
  key: (name: string) => string,
  { now, failedPer, due }: QueueQuestion & { due: number },
) {
  const [meta, wait, paused, prioritized, delayed, dueNow, active, failed, failedLately, completed] =
    await Promise.all([
      redis.hmget(key("meta"), "paused", "opts.maxLenEvents", "version"),
      redis.llen(key("wait")),
      redis.llen(key("paused")),
      redis.zcard(key("prioritized")),
      redis.zcard(key("delayed")),
      redis.zcount(key("delayed"), "-inf", due),
      redis.llen(key("active")),
      redis.zcard(key("failed")),
      failedPer === undefined ? 0 : redis.zcount(key("failed"), `(${now - failedPer}`, "+inf"),
      redis.zcard(key("completed")),
    ]);
  return { meta, wait, paused, prioritized, delayed, dueNow, active, failed, failedLately, completed };
}

/** The jobs at the ends of the lists; the next to be taken from `wait` is its last. */
async function endsOf(redis: Redis, key: (name: string) => string) {
  const [head, tail, urgent, lastPriority, nextDelayed, atWork] = await Promise.all([
    redis.lrange(key("wait"), 0, sampled - 1),
    redis.lrange(key("wait"), -sampled, -1),
    redis.zrange(key("prioritized"), "0", String(sampled - 1)),
    redis.zrange(key("prioritized"), "-1", "-1", "WITHSCORES"),
    redis.zrange(key("delayed"), "0", "0", "WITHSCORES"),
    redis.lrange(key("active"), -asked, -1),
  ]);
  return { head, tail, urgent, lastPriority, nextDelayed, atWork };
}

function countsWorkers({ workers }: QueueQuestion, waiting: number, active: number): boolean {
  return workers === "always" || (workers === "if-idle" && waiting > 0 && active === 0);
}

/** Both in one transaction: a job that is done meanwhile has lost its lock, and is not active any more. */
async function unlockedOf(
  redis: Redis,
  key: (name: string) => string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const both = redis.multi().lrange(key("active"), -asked, -1);
  for (const id of ids) both.exists(key(`${id}:lock`));
  const [active, ...locks] = (await both.exec()) ?? [];
  if (active?.[0]) throw active[0];
  const still = new Set(Array.isArray(active?.[1]) ? active[1].map(String) : []);
  return ids.filter((id, index) => still.has(id) && locks[index]?.[1] === 0);
}

/** Workers name their connection after the queue. Undefined where clients may not be listed. Source: BullMQ, `getWorkers`. */
async function workersOf(redis: Redis, { prefix, queue }: QueueQuestion): Promise<number | undefined> {
  const name = `${prefix}:${Buffer.from(queue).toString("base64")}`;
  try {
    const list = String(await redis.client("LIST", "TYPE", "NORMAL"));
    const names = list.split("\n").map((line) => / name=(\S*)/.exec(line)?.[1] ?? "");
    return names.filter((one) => one === name || one.startsWith(`${name}:w:`)).length;
  } catch (error) {
    if (error instanceof Error && /^(?:ERR|NOPERM)\b/.test(error.message)) return undefined;
    throw error;
  }
}

function isMarker(id: string): boolean {
  return id.startsWith("0:");
}
