import { Queue, Worker } from "bullmq";
import type { Foundation } from "../../workers/foundation.ts";
import { type Rate, rateOf } from "./rate.ts";

/** What BullMQ does at best: jobs that do nothing, added a hundred at once, fifty at a time, none kept. */
export async function noopRate({ connections }: Foundation, seconds: number): Promise<Rate> {
  const redis = connections.swift;
  const queue = new Queue("noop", { connection: redis, prefix: "{bench}", skipMetasUpdate: true });
  const worker = new Worker("noop", async () => undefined, {
    connection: connections.patient(),
    prefix: "{bench}",
    concurrency: 50,
    removeOnComplete: { count: 0 },
  });
  await worker.waitUntilReady();
  let done = 0;
  worker.on("completed", () => (done += 1));
  const each = 3_000;
  const round = async () => {
    const goal = done + each;
    const batch = Array.from({ length: 100 }, () => ({ name: "noop", data: {} }));
    for (let i = 0; i < each; i += 100) await queue.addBulk(batch);
    while (done < goal) await new Promise((resolve) => setImmediate(resolve));
    return each;
  };
  await round();
  const rate = await rateOf(redis, seconds, round);
  await worker.close();
  return rate;
}
