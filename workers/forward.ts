import { once } from "node:events";
import { type Job, UnrecoverableError } from "bullmq";
import type { Redis } from "ioredis";
import * as z from "zod";
import { orAborted } from "../src/lib/or-aborted.ts";
import { messageOf } from "../src/model/errors.ts";
import type { NodeRecord } from "../src/model/fleet.ts";
import type { HealResult } from "../src/model/heal.ts";
import type { Log } from "../src/model/log.ts";
import { openHealRun, type Payloads } from "../src/queues/catalogue.ts";
import { enqueueHeal } from "../src/queues/enqueue.ts";
import { locate } from "../src/queues/locate.ts";
import { openHealQueue } from "../src/queues/names.ts";
import { outcomeOf } from "../src/queues/outcome.ts";
import type { Queues } from "../src/queues/queues.ts";
import { readNodes } from "../src/store/nodes.ts";
import { openJobLog } from "./job-log.ts";
import { handle, type JobWorker, startJobWorker } from "./job-worker.ts";

/** Waiting for a heal takes no slot from others. */
const concurrency = 10_000;

/** Where a heal was handed to, as the job's progress tells it. */
const handedTo = z.object({ node: z.string(), job: z.string() });

interface Hands {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly nodes: () => Promise<NodeRecord[]>;
}

/**
 * Runs the queue `heal`, where anyone may ask: each job is validated, handed to the node that has the target, and ends
 * as the heal there ends.
 */
export function startForwarder(options: {
  connection: Redis;
  redis: Redis;
  queues: Queues;
  log: Log;
  redact: (text: string) => string;
  now: () => number;
}): JobWorker {
  const { connection, redis, queues, log, redact, now } = options;
  const hands: Hands = { queues, redis, nodes: () => readNodes(redis, now()) };
  return startJobWorker({
    address: openHealQueue,
    connection,
    concurrency,
    log,
    handlers: {
      "heal:run": handle(openHealRun, async (request, { job, signal }) => {
        const { say, written } = openJobLog(job, { redact, now });
        try {
          const result = await orAborted(forward(request, { job, say }, hands), signal);
          say(`${result.outcome}: ${result.reason}`);
          await written();
          return result;
        } catch (error) {
          if (signal.aborted) throw error;
          say(`failed: ${messageOf(error)}`);
          await written();
          // The heal had its tries on its node; a second round here would be one too many.
          throw new UnrecoverableError(messageOf(error));
        }
      }),
    },
  });
}

async function forward(
  request: Payloads["heal:run"],
  { job, say }: { job: Job; say: (line: string) => void },
  { queues, redis, nodes }: Hands,
): Promise<HealResult> {
  // The runner returns exactly this shape (contract §4).
  const ended = async (heal: { node: string; job: Job }) =>
    (await outcomeOf(queues, { ...heal, nodes })) as HealResult;
  const known = await handedBefore(job, queues);
  if (known !== undefined) return ended(known);
  const { requestedBy = `queue heal, job ${job.id}` } = request;
  const handed = await oncePossible(redis, async () => {
    const { node, tries } = locate(await nodes(), request.target);
    const heal = await enqueueHeal(queues, node, { ...request, requestedBy }, tries);
    await job.updateProgress({ node, job: heal.id ?? "" });
    return { node, job: heal };
  });
  say(`handed to ${handed.node} as job ${handed.job.id}`);
  return ended(handed);
}

/** The heal that an earlier delivery of this job asked for: it is waited for, not asked for anew. */
async function handedBefore(job: Job, queues: Queues): Promise<{ node: string; job: Job } | undefined> {
  const handed = handedTo.safeParse(job.progress);
  if (!handed.success) return undefined;
  const { node, job: id } = handed.data;
  const heal = await queues.heal(node).getJob(id);
  return heal === undefined ? undefined : { node, job: heal };
}

/** Does the work again when Redis went away in the middle of it and is back: whoever asked is not told of a blink. */
async function oncePossible<T>(redis: Redis, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (redis.status === "ready" || redis.status === "end") throw error;
      await once(redis, "ready");
    }
  }
}
