import type { Redis } from "ioredis";
import { formatDuration } from "../src/lib/duration.ts";
import { dealSlots } from "../src/lib/slots.ts";
import type { Log } from "../src/model/log.ts";
import type { Target } from "../src/model/target.ts";
import { enqueueChecks } from "../src/queues/enqueue.ts";
import type { Queues } from "../src/queues/queues.ts";
import { wordsOf } from "../src/redis/refusal.ts";
import { anyNode, sharedKeys } from "../src/store/keys.ts";
import { watchClock } from "./clock-watch.ts";
import { createComplainer } from "./complainer.ts";
import { createTasks } from "./tasks.ts";

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
  /** Told when the clock was set, or time was lost. */
  onClockSet?: () => void;
}): Scheduler {
  const { targets, log, now, onClockSet = () => undefined } = options;
  const report = { lastTick: now(), missed: 0, late: 0 };
  const own = targets.filter((target) => target.nodes !== "any");
  const any = targets.filter((target) => target.nodes === "any");
  const ownSlots = dealSlots(own.flatMap(everyOf));
  const anySlots = dealSlots(any.flatMap(everyOf));
  const enqueue = enqueuer(options);

  const tasks = createTasks({ report, log, now });
  const begin = () => {
    tasks.at("* * * * * *", "UTC", "every", (slot) => {
      enqueue.own(ownSlots.due(slot / 1_000), slot);
      enqueue.any(anySlots.due(slot / 1_000), slot, "every");
    });
    for (const [key, group] of byPattern(targets)) {
      const { cron, timezone, own: mine, any: shared } = group;
      tasks.at(cron, timezone, key, (slot) => {
        enqueue.own(mine, slot);
        enqueue.any(shared, slot, key);
      });
    }
  };
  begin();
  // node-cron goes on from the tick that it waits for: an hour later, or through all the seconds in between.
  const unwatch = watchClock({
    now,
    onJump: ({ by, pause }) => {
      report.missed += 1;
      log.warn({}, `${describeJump(by, pause)}: looks go on from now, and none is made up for`);
      tasks.end().catch(() => undefined); // what cannot be ended has ended
      begin();
      onClockSet();
    },
  });
  return {
    report: () => ({ ...report }),
    stop: async () => {
      unwatch();
      await tasks.end();
    },
  };
}

function describeJump(by: number, pause: number): string {
  const much = formatDuration(Math.round(Math.abs(by) / 1_000) * 1_000);
  if (Math.abs(by) < 1_000)
    return `nothing ran here for ${formatDuration(Math.round(pause / 1_000) * 1_000)}`;
  return by < 0
    ? `the clock was set back by ${much}`
    : `the clock went ahead by ${much} (or the machine slept)`;
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
  const toLog = createComplainer(log);
  const complain = (error: unknown) => toLog(`the looks of a tick could not be enqueued: ${wordsOf(error)}`);
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
