import { Queue, type QueueOptions, Worker } from "bullmq";
import { onTestFinished } from "vitest";
import type { TestRedis } from "./redis.ts";

const connectionOf = ({ socket }: TestRedis) => ({ path: socket, replyMapping: "legacy" as const });

/** A BullMQ queue of another program; closed with the current test. */
export function makeQueue(redis: TestRedis, name: string, options: Partial<QueueOptions> = {}): Queue {
  const queue = new Queue(name, { connection: connectionOf(redis), ...options });
  queue.on("error", () => undefined);
  onTestFinished(() => queue.close().catch(() => undefined));
  return queue;
}

/** A worker that works its queue off, one job at a time; closed with the current test. */
export async function makeWorker(
  redis: TestRedis,
  name: string,
  work: (id: string) => Promise<void>,
): Promise<Worker> {
  const worker = new Worker(name, (job) => work(job.id ?? ""), {
    connection: { ...connectionOf(redis), maxRetriesPerRequest: null },
  });
  worker.on("error", () => undefined);
  onTestFinished(() => worker.close(true).catch(() => undefined));
  await worker.waitUntilReady();
  return worker;
}

/** Every key with its type, its serialized value and whether it ends. */
export async function keysOf(redis: TestRedis): Promise<Record<string, string>> {
  const client = redis.connect();
  const keys = (await client.keys("*")).sort();
  const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  client.disconnect();
  return Object.fromEntries(keys.map((key, index) => [key, values[index]?.toString("hex") ?? ""]));
}
