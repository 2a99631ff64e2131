import type { Redis } from "ioredis";
import { type ScheduledTask, schedule } from "node-cron";
import { dealSlots } from "../src/lib/slots.ts";
import { messageOf } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import type { Target } from "../src/model/target.ts";
import { enqueueChecks } from "../src/queues/enqueue.ts";
import type { Queues } from "../src/queues/queues.ts";
import { anyNode, sharedKeys } from "../src/store/keys.ts";

/** How the scheduler is doing. */
export interface SchedulerReport {
  /** When it last ticked, in milliseconds since the epoch. */
  readonly lastTick: number;
  /** Ticks that never came, and ticks that came more than a second late and were dropped. Not made up for. */
  readonly missed: number;
  readonly late: number;
}

/** Enqueues the looks of a node at their times. */
export interface Scheduler {
  report(): SchedulerReport;
  stop(): Promise<void>;
}

/** A tick that is later than this (milliseconds) is dropped. */
const latest = 1_000;
/** How long a claim on a tick of the `any` targets is kept, in milliseconds. */
const claimFor = 60_000;

/** Starts it: one task a second for all `every:` targets, one more for each distinct `cron:` pattern and zone. */
export function startScheduler(options: {
  /** The own node. */
  node: string;
  targets: readonly Target[];
  queues: Queues;
  redis: Redis;
  log: Log;
  now: () => number;
}): Scheduler {
  const { targets, log, now } = options;
  const report = { lastTick: now(), missed: 0, late: 0 };
  const own = targets.filter((target) => target.nodes !== "any");
  const any = targets.filter((target) => target.nodes === "any");
  const ownSlots = dealSlots(own.flatMap(everyOf));
  const anySlots = dealSlots(any.flatMap(everyOf));
  const enqueue = enqueuer(options);

  const tasks: ScheduledTask[] = [];
  const at = (pattern: string, timezone: string, name: string, run: (slot: number) => void) => {
    const task = schedule(
      pattern,
      ({ date }) => {
        const slot = Math.floor(date.getTime() / 1_000) * 1_000;
        report.lastTick = now();
        if (now() - slot > latest) {
          report.late += 1;
          log.warn({ slot, lateMs: now() - slot }, "a tick came too late and was dropped");
        } else run(slot);
      },
      { name, timezone },
    );
    task.on("execution:missed", () => {
      report.missed += 1;
      log.warn({ task: name }, "a tick was missed");
    });
    tasks.push(task);
  };

  at("* * * * * *", "UTC", "every", (slot) => {
    enqueue.own(ownSlots.due(slot / 1_000), slot);
    enqueue.any(anySlots.due(slot / 1_000), slot, "every");
  });
  for (const [key, group] of byPattern(targets)) {
    const { cron, timezone, own: mine, any: shared } = group;
    at(cron, timezone, key, (slot) => {
      enqueue.own(mine, slot);
      enqueue.any(shared, slot, key);
    });
  }
  return {
    report: () => ({ ...report }),
    stop: async () => {
      await Promise.all(tasks.map((task) => task.destroy()));
    },
  };
}

function everyOf({ id, schedule: when }: Target) {
  return "every" in when ? [{ id, every: when.every }] : [];
}

function byPattern(targets: readonly Target[]) {
  const groups = new Map<string, { cron: string; timezone: string; own: string[]; any: string[] }>();
  for (const { id, schedule: when, nodes } of targets) {
    if (!("cron" in when)) continue;
    const key = `${when.timezone} ${when.cron}`;
    const group = groups.get(key) ?? { ...when, own: [], any: [] };
    groups.set(key, group);
    (nodes === "any" ? group.any : group.own).push(id);
  }
  return groups;
}

/** What enqueues a tick's looks; a Redis that is away costs these looks, no more. */
function enqueuer({ node, queues, redis, log }: { node: string; queues: Queues; redis: Redis; log: Log }) {
  const add = (where: string, targets: readonly string[], tick: number) =>
    enqueueChecks(queues, where, { targets: [...targets], tick, trigger: "cron" });
  const complain = (error: unknown) =>
    log.warn({}, `the looks of a tick could not be enqueued: ${messageOf(error)}`);
  return {
    own: (targets: readonly string[], tick: number) => {
      if (targets.length > 0) add(node, targets, tick).catch(complain);
    },
    /** The first node that claims the tick enqueues it for all. */
    any: (targets: readonly string[], tick: number, name: string) => {
      if (targets.length === 0) return;
      redis
        .set(sharedKeys.claim(`${name}:${tick}`), node, "PX", claimFor, "NX")
        .then((claimed) => (claimed === "OK" ? add(anyNode, targets, tick) : undefined))
        .catch(complain);
    },
  };
}
