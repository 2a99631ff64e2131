import type { Job } from "bullmq";
import type { NodeRecord } from "../model/fleet.ts";
import { HealqError } from "../model/errors.ts";
import { isReachable } from "./locate.ts";
import { healQueue } from "./names.ts";
import type { Queues } from "./queues.ts";

/** A node that is not there for so long (milliseconds) makes what waits for it fail. */
const unreachableAfter = 60_000;
/** How often the node's heartbeat is looked at meanwhile, in milliseconds. */
const lookEvery = 1_000;

/**
 * The outcome of a job on a node's heal queue: resolves with its return value, rejects with its reason, or with
 * `node-unreachable` when nobody looks after the node for 60 s; the job is then withdrawn, so that it does not run
 * when nobody expects it any more.
 */
export async function outcomeOf(
  queues: Queues,
  { node, job, nodes }: { node: string; job: Job; nodes: () => Promise<NodeRecord[]> },
): Promise<unknown> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      queues.ended(healQueue(node), job),
      unreachable({ node, nodes, signal: stop.signal }),
    ]);
  } catch (error) {
    if (error instanceof HealqError && error.code === "node-unreachable")
      await job.remove().catch(() => undefined);
    throw error;
  } finally {
    stop.abort();
  }
}

/** Rejects once the node was not there for `unreachableAfter`; never resolves. */
function unreachable(watch: {
  node: string;
  nodes: () => Promise<NodeRecord[]>;
  signal: AbortSignal;
}): Promise<never> {
  return new Promise((_, reject) => {
    let seen = performance.now();
    const timer = setInterval(() => {
      watch.nodes().then(
        (nodes) => {
          if (isReachable(nodes, watch.node)) seen = performance.now();
          if (performance.now() - seen < unreachableAfter) return;
          reject(
            new HealqError("node-unreachable", `node-unreachable: ${watch.node} has not been seen for 60 s`),
          );
        },
        () => undefined,
      ); // Redis is away: that says nothing about the node
    }, lookEvery);
    watch.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  });
}
