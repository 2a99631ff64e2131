import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";
import * as z from "zod";
import { HealqError, UnreachableError } from "../model/errors.ts";
import type { FleetRequests, LogPart } from "../model/fleet.ts";
import { takeAnswer } from "../store/answers.ts";
import { catalogue, type Payloads } from "./catalogue.ts";
import type { Queues } from "./queues.ts";

/** How long a node may take to answer, in milliseconds. */
const answerWithin = 10_000;
/** Pauses between looks for the answer, in milliseconds, growing. */
const firstPause = 5;
const longestPause = 100;

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({
    text: z.string(),
    next: z.object({ offset: z.number(), file: z.string() }).optional(),
    more: z.boolean(),
    cut: z.boolean(),
  }),
]);

/** What the node lays down: a part of the log, or why not. */
export type LogAnswer = z.infer<typeof answerSchema>;

/** Asks a node for a part of a log. Rejects with the node's reason, or with an `UnreachableError` when it says nothing. */
export async function askForLogs(
  node: string,
  request: Parameters<FleetRequests["logs"]>[0],
  { queues, redis }: { queues: Queues; redis: Redis },
): Promise<LogPart> {
  const id = `logs.${request.target}.${randomUUID()}`;
  const data: Payloads["logs:read"] = { ...request };
  const job = await queues
    .check(node)
    .add("logs:read", data, { ...catalogue["logs:read"].options, jobId: id });
  const deadline = performance.now() + answerWithin;
  for (let wait = firstPause; performance.now() < deadline; wait = Math.min(longestPause, wait * 2)) {
    const answer = answerSchema.safeParse(await takeAnswer(redis, { node, job: id }));
    if (answer.success) return partOf(answer.data, node);
    await pause(wait);
  }
  await job.remove().catch(() => undefined); // nobody waits for it any more
  throw new UnreachableError(
    `${node} did not answer within ${answerWithin / 1_000} s; is healq well there? run \`healq logs ${request.target}\` on it`,
  );
}

function partOf(answer: LogAnswer, node: string): LogPart {
  if ("error" in answer) throw new HealqError(answer.error.code, answer.error.message);
  const { next, ...part } = answer;
  return { node, ...part, ...(next === undefined ? {} : { next }) };
}
