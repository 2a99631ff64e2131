import type { Job } from "bullmq";
import type { Dispatch, HealOrder } from "../jobs/context.ts";
import type { Config } from "../src/model/config.ts";
import { isOn } from "../src/model/config.ts";
import { HealqError, messageOf } from "../src/model/errors.ts";
import type { NodeRecord } from "../src/model/fleet.ts";
import type { HealResult } from "../src/model/heal.ts";
import type { Target } from "../src/model/target.ts";
import { enqueueAlert, enqueueChecks, enqueueHeal } from "../src/queues/enqueue.ts";
import { outcomeOf } from "../src/queues/outcome.ts";
import type { Queues } from "../src/queues/queues.ts";
import { anyNode } from "../src/store/keys.ts";

/** Looks at the same time are one job: times are rounded up to this, in milliseconds. */
const grain = 20;

/** Where a target is looked after, seen from `node`: here if it is here, else on the first of its nodes. */
function nodeOf(target: Target, node: string): string {
  if (target.nodes === "any") return anyNode;
  return isOn(target, node) ? node : (target.nodes[0] ?? node);
}

/** Gets things done over the queues. */
export function createQueueDispatch(options: {
  config: Config;
  queues: Queues;
  nodes: () => Promise<NodeRecord[]>;
  now: () => number;
}): Dispatch {
  const { config, queues, nodes, now } = options;
  const targetOf = (id: string): Target => {
    const target = config.targets.get(id);
    if (target === undefined) throw new HealqError("unknown-target", `${id} is not in this config`);
    return target;
  };
  const enqueue = async (order: HealOrder): Promise<{ job: Job; node: string }> => {
    const { attempts, dryRun, ...data } = order;
    const node = nodeOf(targetOf(order.target), config.node);
    const job = await enqueueHeal(queues, node, { ...data, ...(dryRun ? { dryRun } : {}) }, attempts);
    return { job, node };
  };
  return {
    heal: async (order) => {
      await enqueue(order);
    },
    healAndWait: async (order, signal) => {
      const { job, node } = await enqueue(order);
      // The runner returns exactly this shape (contract §4).
      return (await outcomeOf(queues, { node, job, nodes, signal })) as HealResult;
    },
    look: async (targets, delay) => {
      const due = delay === undefined ? undefined : Math.ceil((now() + delay) / grain) * grain;
      for (const id of targets) {
        const check = { targets: [id], trigger: "event" as const };
        const later = due === undefined || delay === undefined ? {} : { delay, wakeId: `wake.${id}.${due}` };
        await enqueueChecks(queues, nodeOf(targetOf(id), config.node), check, later);
      }
    },
    alert: async (alert, { channel, key }) => {
      await enqueueAlert(queues, channel, alert, key);
    },
    healInFlight: async (target) => {
      try {
        const queue = queues.heal(nodeOf(target, config.node));
        return (await queue.getDeduplicationJobId(target.id)) !== null;
      } catch (error) {
        throw new HealqError("redis-away", messageOf(error), { cause: error });
      }
    },
  };
}
