import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { nodeNames } from "../store/nodes.ts";
import type { Queues } from "./queues.ts";

/** Nodes whose queues are shown, at most: who can write to the Redis can announce any number. */
const mostNodes = 200;

/** The queues that people are shown: those that all nodes share, and those of `own` and of every node that ever came. */
export async function shownQueues(
  queues: Queues,
  redis: Redis,
  own: string,
): Promise<{ readonly queue: Queue; readonly description?: string }[]> {
  const others = (await nodeNames(redis)).filter((name) => name !== own).slice(0, mostNodes);
  return [
    { queue: queues.openHeal, description: "anyone may ask for a heal here" },
    { queue: queues.alert },
    ...[own, ...others].flatMap((name) => [{ queue: queues.heal(name) }, { queue: queues.check(name) }]),
  ];
}
