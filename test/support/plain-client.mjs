// Anyone's program: a plain BullMQ client that imports nothing of healq. Arguments: SOCKET, then a JSON file with
// { queue, prefix, jobs: [{ name, data, opts? }], hold? }; prints a JSON list of { id, value | error, log } in the order asked.
// hold: { queue, prefix, kill? }: that queue is paused, then the process `kill` is killed, and the queue goes on once every job has
// a line in its log, that is, was handed over. retry: the id of a failed job of the queue that is run again, as one more of `jobs`.
import { readFileSync } from "node:fs";
import { Queue, QueueEvents } from "bullmq";
import { Redis } from "ioredis";

const [socket, file] = process.argv.slice(2);
const { queue: name, prefix, jobs, hold, retry } = JSON.parse(readFileSync(file, "utf8"));
const connect = () => new Redis({ path: socket, maxRetriesPerRequest: null });
const connection = connect();
const queue = new Queue(name, { connection, prefix });
// From the newest event on: one that comes before it listens would be missed, and its job waited for in vain.
const [newest] = await connection.xrevrange(`${prefix}:${name}:events`, "+", "-", "COUNT", 1);
const events = new QueueEvents(name, { connection: connect(), prefix, lastEventId: newest?.[0] ?? "0-0" });
events.setMaxListeners(0);
queue.setMaxListeners(0);
await events.waitUntilReady();
const held = hold && new Queue(hold.queue, { connection, prefix: hold.prefix });
await held?.pause();
if (hold?.kill) process.kill(hold.kill, "SIGKILL");
const added = await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
if (retry) {
  const job = await queue.getJob(retry);
  await job.retry();
  added.push(job);
}
if (held) {
  for (const job of added)
    while ((await queue.getJobLogs(job.id)).count === 0) await new Promise((go) => setTimeout(go, 20));
  await held.resume();
}
const ended = await Promise.all(
  added.map(async (job) => {
    const end = await job.waitUntilFinished(events, 60_000).then(
      (value) => ({ value }),
      (error) => ({ error: error.message }),
    );
    return { id: job.id, ...end, log: (await queue.getJobLogs(job.id)).logs };
  }),
);
console.log(JSON.stringify(ended));
process.exit(0);
