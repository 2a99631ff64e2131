import type { Redis } from "ioredis";
import { nodeKeys } from "./keys.ts";

/** How long an answer waits to be taken, in milliseconds. */
const keptFor = 30_000;

/** Lays down what a job answers. Not as its return value: that would stay in the record of the queue, and in its events. */
export async function putAnswer(
  redis: Redis,
  { node, job }: { node: string; job: string },
  answer: object,
): Promise<void> {
  await redis.set(nodeKeys(node).answer(job), JSON.stringify(answer), "PX", keptFor);
}

/** Takes an answer, as parsed JSON, so that nobody else finds it; undefined while there is none. */
export async function takeAnswer(
  redis: Redis,
  { node, job }: { node: string; job: string },
): Promise<unknown> {
  const text = await redis.getdel(nodeKeys(node).answer(job));
  return text === null ? undefined : JSON.parse(text);
}
