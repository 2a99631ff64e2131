import type { Redis } from "ioredis";
import type { Clock } from "../lib/clock.ts";
import type { AuditNote } from "../model/audit.ts";
import { HealqError, messageOf } from "../model/errors.ts";
import type { FleetRequests } from "../model/fleet.ts";
import type { HealResult } from "../model/heal.ts";
import { nodeKeys } from "../store/keys.ts";
import { readNodes } from "../store/nodes.ts";
import { removePause, writePause } from "../store/pauses.ts";
import { noteText } from "../store/redis-store.ts";
import { askForLogs } from "./ask-for-logs.ts";
import { enqueueChecks, enqueueHeal, enqueueWish } from "./enqueue.ts";
import { locate } from "./locate.ts";
import { checkQueue } from "./names.ts";
import { outcomeOf } from "./outcome.ts";
import type { Queues } from "./queues.ts";

/** How long a look that was asked for may take, queue included. Milliseconds. */
const checkWithin = 60_000;

/** What anyone may ask of the fleet, over its queues. `node` is the own node: pauses are noted in its audit, and it is asked first. */
export function createFleetRequests(options: {
  queues: Queues;
  redis: Redis;
  node: string;
  clock: Clock;
}): FleetRequests {
  const { queues, redis, clock } = options;
  const nodes = () => readNodes(redis, clock.now());

  return {
    heal: async ({ target, ...request }) => {
      const place = locate(await nodes(), target, options.node);
      const job = await enqueueHeal(queues, place.node, { target, ...request }, place.tries);
      return {
        job: job.id ?? "",
        log: async () => (await queues.heal(place.node).getJobLogs(job.id ?? "")).logs,
        // The runner returns exactly this shape (contract §4).
        result: async () => (await outcomeOf(queues, { node: place.node, job, nodes })) as HealResult,
      };
    },

    check: async (targets) => {
      const known = await nodes();
      const byNode = groupBy(targets, (target) => locate(known, target, options.node).node);
      await Promise.all(
        [...byNode].map(async ([place, ids]) => {
          const jobs = await enqueueChecks(queues, place, { targets: ids, trigger: "manual" });
          const signal = AbortSignal.timeout(checkWithin);
          await Promise.all(jobs.map((job) => queues.ended(checkQueue(place), job, signal)));
        }),
      );
    },

    wish: async (target, wish, by) => {
      const place = locate(await nodes(), target, options.node);
      const job = await enqueueWish(queues, place.node, { target, wish, requestedBy: by });
      try {
        return String(await outcomeOf(queues, { node: place.node, job, nodes }));
      } catch (error) {
        // What a job failed with arrives as a bare text.
        throw error instanceof HealqError ? error : new HealqError("wish-failed", messageOf(error));
      }
    },
    logs: async (request) =>
      askForLogs(locate(await nodes(), request.target, options.node).node, request, options),
    ...pauseRequests(options),
  };
}

/** The kill switch and silences, told in the audit of the own node. */
function pauseRequests({
  redis,
  node,
  clock,
}: Parameters<typeof createFleetRequests>[0]): Pick<FleetRequests, "pause" | "resume"> {
  const note = (what: AuditNote) => redis.xadd(nodeKeys(node).audit, "*", "e", noteText(what, node));
  return {
    pause: async ({ targets, reason, by, until }) => {
      const at = clock.now();
      for (const target of targets.length === 0 ? [undefined] : targets) {
        const about = target === undefined ? {} : { target };
        await writePause(redis, { ...about, reason, by, at, ...(until === undefined ? {} : { until }) });
        await note({
          at,
          event: "paused",
          ...about,
          reason: reason === "" ? `paused by ${by}` : reason,
          by,
          ...(until === undefined ? {} : { details: { until } }),
        });
      }
    },

    resume: async ({ targets, by }) => {
      for (const target of targets.length === 0 ? [undefined] : targets) {
        const was = await removePause(redis, target);
        const about = target === undefined ? {} : { target };
        if (was) await note({ at: clock.now(), event: "resumed", ...about, reason: `resumed by ${by}`, by });
      }
    },
  };
}

/** `Map.groupBy` came with Node 21; the floor is 20. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
