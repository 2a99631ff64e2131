import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { alertQueue, checkQueue, healQueue, openHealQueue, type QueueAddress } from "./names.ts";

/** The queues of the fleet, opened when they are first asked for. */
export interface Queues {
  check(node: string): Queue;
  heal(node: string): Queue;
  readonly openHeal: Queue;
  readonly alert: Queue;
  /** Waits for a job to end without holding anything; see `ended`. */
  ended(address: QueueAddress, job: Job, within?: number): Promise<unknown>;
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
  const events = new Map<string, Promise<Followed>>();

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

  const listen = ({ name, prefix }: QueueAddress): Promise<QueueEvents> => {
    const key = `${prefix}:${name}`;
    const known = events.get(key) ?? follow({ name, prefix }, options.eventsConnection());
    events.set(key, known);
    return known.then(({ events: opened }) => opened);
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
    ended: async (address, job, within) => job.waitUntilFinished(await listen(address), within),
    close: async () => {
      const followed = (await Promise.allSettled(events.values())).flatMap((each) =>
        each.status === "fulfilled" ? [each.value] : [],
      );
      const all = [...queues.values(), ...followed.map((each) => each.events)];
      const closing = Promise.allSettled(all.map((each) => each.close()));
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, closeWithin).unref())]);
      for (const { connection } of followed) connection.disconnect();
    },
  };
}

interface Followed {
  readonly events: QueueEvents;
  readonly connection: Redis;
}

/**
 * Follows the ends of a queue's jobs from the newest event that is there now. BullMQ's own start is "what comes after the
 * first read", which misses a job that ends between asking for its state and that read: of 400 waits for short jobs 46 hung.
 */
async function follow({ name, prefix }: QueueAddress, connection: Redis): Promise<Followed> {
  const [newest] = await connection.xrevrange(`${prefix}:${name}:events`, "+", "-", "COUNT", 1);
  const events = new QueueEvents(name, { connection, prefix, lastEventId: newest?.[0] ?? "0-0" });
  events.on("error", () => undefined);
  events.setMaxListeners(0);
  await events.waitUntilReady();
  return { events, connection };
}
