// A worker process of another program: argv is the socket of the Redis, the queue, and what it does with a job: hang, or done.
import { Worker } from "bullmq";

const [, , path, queue, how] = process.argv;
const work = () => (how === "hang" ? new Promise(() => setInterval(() => undefined, 1_000)) : Promise.resolve());
const worker = new Worker(queue, work, {
  connection: { path, replyMapping: "legacy", maxRetriesPerRequest: null },
  lockDuration: 500,
  stalledInterval: 500,
});
worker.on("error", () => undefined);
await worker.waitUntilReady();
console.log("ready");
