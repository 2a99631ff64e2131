import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { createEnds, type Ends } from "./ends.ts";
import { alertQueue, checkQueue, healQueue, openHealQueue, type QueueAddress } from "./names.ts";

/** The queues of the fleet, opened when they are first asked for. */
export interface Queues {
  check(node: string): Queue;
  heal(node: string): Queue;
  readonly openHeal: Queue;
  readonly alert: Queue;
  /** Waits for a job to end; see `Ends`. */
  ended(address: QueueAddress, job: Job, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** How long closing one queue may take, in milliseconds, before it is left to the end of the process. */
const closeWithin = 2_000;

/**
 * Opens queues on one shared connection. `eventsConnection` gives a connection of its own for each queue whose ends are
 * waited for (it blocks). `failFast` suits a command: no waiting for a Redis that is not there.
 */
export function openQueues(options: {
  connection: Redis;
  eventsConnection: () => Redis;
  failFast?: boolean;
}): Queues {
  const queues = new Map<string, Queue>();
  const events = new Map<string, { events: QueueEvents; connection: Redis; ends: Ends }>();

  const open = ({ name, prefix }: QueueAddress): Queue => {
    const known = queues.get(`${prefix}:${name}`);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: options.connection,
      prefix,
      skipMetasUpdate: true,
      ...(options.failFast === true ? { skipWaitingForReady: true } : {}),
    });
    // Every caller sees the failure of its own call; the connection's own errors are the connection's.
    queue.on("error", () => undefined);
    queues.set(`${prefix}:${name}`, queue);
    return queue;
  };

  const listen = (address: QueueAddress): Ends => {
    const { name, prefix } = address;
    const key = `${prefix}:${name}`;
    const known = events.get(key);
    if (known !== undefined) return known.ends;
    const connection = options.eventsConnection();
    const heard = new QueueEvents(name, { connection, prefix });
    heard.on("error", () => undefined);
    const ends = createEnds(open(address), heard);
    events.set(key, { connection, events: heard, ends });
    return ends;
  };

  return {
    check: (node) => open(checkQueue(node)),
    heal: (node) => open(healQueue(node)),
    get openHeal() {
      return open(openHealQueue);
    },
    get alert() {
      return open(alertQueue);
    },
    ended: (address, job, signal) => listen(address).of(job, signal),
    close: async () => {
      const all = [...queues.values(), ...[...events.values()].map((each) => each.events)];
      const closing = Promise.allSettled(all.map((each) => each.close()));
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, closeWithin).unref())]);
      for (const { connection } of events.values()) connection.disconnect();
    },
  };
}
