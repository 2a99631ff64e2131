import type { Job } from "bullmq";
import { formatDuration } from "../lib/duration.ts";
import { withSignal } from "../lib/with-signal.ts";
import { HealqError } from "../model/errors.ts";
import type { NodeRecord } from "../model/fleet.ts";
import { isReachable } from "./locate.ts";
import { healQueue } from "./names.ts";
import type { Queues } from "./queues.ts";

/** A node that is not there for so long (milliseconds) makes what waits for it fail. */
const unreachableAfter = 60_000;
/** How often the node's heartbeat is looked at meanwhile, in milliseconds. */
const lookEvery = 1_000;

/** What is waited for. */
interface Awaited {
  readonly node: string;
  readonly job: Job;
  nodes(): Promise<NodeRecord[]>;
  /** How long the node may be away, in milliseconds. Default: 60 s. */
  readonly within?: number;
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal;
}

/**
 * The outcome of a job on a node's heal queue: resolves with its return value, rejects with its reason, or with
 * `node-unreachable` when nobody looks after the node for `within`; the job is then withdrawn, so that it does not run
 * when nobody expects it any more.
 */
export async function outcomeOf(queues: Queues, awaited: Awaited): Promise<unknown> {
  const { node, job, nodes, within = unreachableAfter } = awaited;
  const over = new AbortController();
  const signals = awaited.signal === undefined ? [over.signal] : [over.signal, awaited.signal];
  const stopWatching = watchNode({ node, nodes, within, onGone: (error) => over.abort(error) });
  try {
    return await withSignal({ signals }, (signal) => queues.ended(healQueue(node), job, signal));
  } catch (error) {
    if (error instanceof HealqError && error.code === "node-unreachable")
      await job.remove().catch(() => undefined);
    throw error;
  } finally {
    stopWatching();
  }
}

/** Calls `onGone` once the node was not there for `within` milliseconds. Returns what stops the watching. */
function watchNode({
  node,
  nodes,
  within,
  onGone,
}: Pick<Awaited, "node" | "nodes"> & {
  within: number;
  onGone: (error: HealqError) => void;
}): () => void {
  let seen = performance.now();
  const look = async () => {
    if (isReachable(await nodes(), node)) seen = performance.now();
    if (performance.now() - seen < within) return;
    const message = `node-unreachable: ${node} has not been seen for ${formatDuration(within)}`;
    onGone(new HealqError("node-unreachable", message));
  };
  // Redis being away says nothing about the node.
  const unsure = () => {
    seen = performance.now();
  };
  const timer = setInterval(() => look().catch(unsure), Math.min(lookEvery, within));
  return () => clearInterval(timer);
}
