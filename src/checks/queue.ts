import { formatDuration } from "../lib/duration.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { plain } from "../lib/plain.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { redisReason } from "../system/redis-reason.ts";
import { askRedis } from "../system/redis-session.ts";
import { describeRedis } from "../system/redis-source.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { patience } from "./patience.ts";
import { longUnlocked, queueFindings } from "./queue-findings.ts";
import { type QueueSpec, queueSchema, shownQueue } from "./queue-spec.ts";
import { type QueueState, readQueue } from "./queue-state.ts";

/** A BullMQ queue of another program: worked off, in time, and without too many failures. */
export const queue = defineKind<QueueSpec>({
  kind: "queue",
  summary: "a BullMQ queue: worked off in time, by workers that are there, without too many failures",
  schema: queueSchema,
  symptoms: {
    "queue.backlog": "more jobs wait than `waiting` allows",
    "queue.old": "a job has waited for longer than `oldest`",
    "queue.failing": "more jobs failed than `failed` allows",
    "queue.stalled": "an active job has been without its lock for longer than `stalled`",
    "queue.orphaned": "fewer workers are connected than wanted, or jobs wait and there is none",
  },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => {
    const ladder = spec.target === undefined ? [] : ["target"];
    return {
      "queue.orphaned": ladder,
      "queue.stalled": ladder,
      "queue.old": ladder,
      "queue.backlog": ladder,
      // What failed stays within the window, whatever is done: a restart could not be seen to have helped.
      "queue.failing": [],
    };
  },
  observe,
});

async function observe({ spec, timeout }: Target<QueueSpec>, context: CheckContext): Promise<Look> {
  const { signal, memory } = context;
  const within = patience(timeout);
  const now = context.now();
  const { prefix, queue } = spec;
  const workers = spec.workers === undefined ? "if-idle" : spec.workers === 0 ? "never" : "always";
  const question = { prefix, queue, now, failedPer: spec.failed?.per, workers } as const;
  try {
    const asked = askRedis(memory, { url: spec.redis, timeout: within }, (redis) =>
      readQueue(redis, question),
    );
    return judge(spec, await orAborted(asked, signal), context, now);
  } catch (error) {
    return couldNotTell(`${describeRedis({ url: spec.redis })}: ${reasonFor(error, within)}`);
  }
}

/** Why the Redis could not be asked, for a person; `within` in milliseconds. */
export function reasonFor(error: unknown, within: number): string {
  if (error instanceof DOMException)
    return error.name === "TimeoutError"
      ? `no answer within ${formatDuration(within)}`
      : "the look was given up";
  return plain(redisReason(error));
}

function judge(spec: QueueSpec, state: QueueState, context: CheckContext, now: number): Look {
  const name = shownQueue(spec);
  const stalled = longUnlocked(state.unlocked, { memory: context.memory, now, stalled: spec.stalled });
  const { waiting, active, delayed, failed, workers, oldest } = state;
  const metrics = {
    ...{ waiting, active, delayed, failed, unlocked: state.unlocked.length },
    ...(workers === undefined ? {} : { workers }),
    ...(oldest === undefined ? {} : { oldestMs: Math.max(0, now - oldest.since) }),
    ...(spec.failed === undefined ? {} : { failedLately: state.failedLately }),
  };
  if (!state.exists && (workers ?? 0) === 0)
    return couldNotTell(`there is no queue ${name} yet; see queue and prefix if there should be`, metrics);
  if (state.paused)
    return lookOf({ findings: [], metrics, fine: `paused, so nothing is wrong with it: ${waiting} wait` });
  if (spec.workers !== undefined && spec.workers > 0 && workers === undefined)
    return couldNotTell(
      `${name}: this Redis does not let healq list its clients; leave out workers`,
      metrics,
    );
  const findings = queueFindings({ spec, state, now, stalled });
  return lookOf({ findings, metrics, fine: `${waiting} wait, ${active} active` });
}
