import { once } from "node:events";
import { UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { messageOf } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import { openHealRun, parsePayload } from "../src/queues/catalogue.ts";
import { enqueueHeal } from "../src/queues/enqueue.ts";
import { locate } from "../src/queues/locate.ts";
import { openHealQueue } from "../src/queues/names.ts";
import { outcomeOf } from "../src/queues/outcome.ts";
import type { Queues } from "../src/queues/queues.ts";
import { readNodes } from "../src/store/nodes.ts";
import { createComplainer } from "./complainer.ts";
import type { JobWorker } from "./job-worker.ts";

/** Waiting for a heal takes no slot from others. */
const concurrency = 10_000;

/**
 * Runs the queue `heal`, where anyone may ask: each job is validated, handed to the node that has the target, and ends
 * as the heal there ends.
 */
export function startForwarder(options: {
  connection: Redis;
  redis: Redis;
  queues: Queues;
  log: Log;
  now: () => number;
}): JobWorker {
  const { connection, redis, queues, log, now } = options;
  const nodes = () => readNodes(redis, now());
  const worker = new Worker(
    openHealQueue.name,
    async (job) => {
      if (job.name !== "heal:run")
        throw new UnrecoverableError(`no job of this queue is named ${JSON.stringify(job.name)}`);
      const payload = parsePayload(openHealRun, job.data);
      if (!payload.ok)
        throw new UnrecoverableError(`the data of this heal:run is not valid: ${payload.problem}`);
      const { requestedBy = `queue heal, job ${job.id}`, ...request } = payload.data;
      const handOver = async () => {
        const place = locate(await nodes(), request.target);
        const heal = await enqueueHeal(queues, place.node, { ...request, requestedBy }, place.tries);
        return { place, heal };
      };
      try {
        const { place, heal } = await oncePossible(redis, handOver);
        await job.log(`handed to ${place.node} as job ${heal.id}`);
        return await outcomeOf(queues, { node: place.node, job: heal, nodes });
      } catch (error) {
        // The heal had its tries on its node; a second round here would be one too many.
        throw new UnrecoverableError(messageOf(error));
      }
    },
    {
      connection,
      prefix: openHealQueue.prefix,
      concurrency,
      lockDuration: 5_000,
      stalledInterval: 2_500,
      maxStalledCount: 20,
    },
  );
  const complain = createComplainer(log);
  worker.on("error", (error) => complain(`queue heal: ${error.message}`));
  return {
    worker,
    stop: async () => {
      // Jobs that wait here are found stalled and waited for by the next healq.
      await worker.close(true).catch(() => undefined);
      connection.disconnect();
    },
  };
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
