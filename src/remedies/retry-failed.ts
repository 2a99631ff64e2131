import * as z from "zod";
import { patience } from "../checks/patience.ts";
import { reasonFor } from "../checks/queue.ts";
import { shownIds } from "../checks/queue-findings.ts";
import { queueSpecOf, shownQueue } from "../checks/queue-spec.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { withRetrier } from "../system/queue-retry.ts";
import { askRedis } from "../system/redis-session.ts";
import { describeRedis } from "../system/redis-source.ts";
import { type FailedJobs, failedJobs, rememberRetried, retriedOf } from "./failed-jobs.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({
  max: z
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe("At most so many jobs are retried by one application, the oldest first. Default: 100."),
  per: duration()
    .optional()
    .describe("Only jobs that failed in so long, until now. Default: `per` of the target's `failed`."),
});

type Params = z.output<typeof schema>;

/** Puts failed jobs back to work, each once: one that fails again after a retry is left to people. Never in a queue that is paused. */
export const retryFailed = defineRemedy<Params>({
  remedy: "retry-failed",
  summary: "puts jobs that failed lately back to work, each once",
  schema,
  kinds: ["queue"],
  cures: true,
  misfit: ({ kind, spec }, { per }) =>
    kind === "queue" && per === undefined && queueSpecOf(spec).failed === undefined
      ? "retry-failed needs to know which jobs: { per: 5m } of its own, or failed: on the target"
      : undefined,
  plan: async (context, params) => linesOf(stepsFor(context, params, await found(context, params))),
  apply: async (context, params) => {
    const jobs = await found(context, params);
    if (jobs.ids.length === 0 && jobs.again > 0) throw leftToPeople(context, jobs.again);
    return takeSteps(stepsFor(context, params, jobs), context);
  },
});

function windowOf({ target }: RemedyContext, { per }: Params): number {
  return per ?? queueSpecOf(target.spec).failed?.per ?? 0;
}

/** Who may be retried now; rejects when nobody may. */
async function found(context: RemedyContext, params: Params): Promise<FailedJobs> {
  const { target, memory } = context;
  const spec = queueSpecOf(target.spec);
  const name = shownQueue(spec);
  const wanted = { key: name, max: params.max, since: Date.now() - windowOf(context, params) };
  const timeout = patience(target.timeout);
  const jobs = await answered(context, () =>
    askRedis(memory, { url: spec.redis, timeout }, (redis) => failedJobs(redis, wanted, retriedOf(memory))),
  );
  const major = /^bullmq:(\d+)\./.exec(jobs.version)?.[1];
  if (jobs.isPaused)
    throw new HealqError("queue-paused", `${name} is paused, and no job is retried behind somebody's back`);
  if (major !== undefined && Number(major) < 5)
    throw new HealqError("queue-too-old", `${name} is of BullMQ ${major}; retry-failed needs 5 or newer`);
  return jobs;
}

function stepsFor(context: RemedyContext, params: Params, { ids, again }: FailedJobs): readonly CureStep[] {
  const name = shownQueue(queueSpecOf(context.target.spec));
  if (ids.length === 0)
    return [
      { line: `no job to retry failed lately in ${name}: leave all as it is`, act: async () => undefined },
    ];
  const more = ids.length > 5 ? ", …" : "";
  const within = formatDuration(windowOf(context, params));
  const left = again === 0 ? "" : `; leave ${again} alone that failed again after a retry`;
  const jobs = `${ids.length} ${ids.length === 1 ? "job" : "jobs"}`;
  const line = `retry ${jobs} of ${name} that failed within ${within} (${shownIds(ids).join(", ")}${more})${left}`;
  return [{ line, act: () => retryAll(context, ids) }];
}

async function retryAll(context: RemedyContext, ids: readonly string[]): Promise<Record<string, unknown>> {
  const { target, memory, signal } = context;
  const { redis: url, prefix, queue } = queueSpecOf(target.spec);
  let retried = 0;
  await answered(context, () =>
    withRetrier({ url, prefix, queue }, signal, async ({ retry }) => {
      for (const id of ids) {
        signal.throwIfAborted();
        rememberRetried(memory, [id]);
        if (await retry(id)) retried++;
      }
    }),
  );
  return { retried, gone: ids.length - retried };
}

function leftToPeople({ target }: RemedyContext, again: number): HealqError {
  const [jobs, have] = again === 1 ? ["job", "has"] : ["jobs", "have"];
  const message = `nothing was done: ${again} ${jobs} of ${shownQueue(queueSpecOf(target.spec))} ${have} failed again after a retry; a person must look`;
  return new HealqError("nothing-to-do", message);
}

/** Says in words why the Redis could not be asked. */
async function answered<T>({ target, signal }: RemedyContext, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await orAborted(ask(), signal);
  } catch (error) {
    signal.throwIfAborted();
    const { redis: url } = queueSpecOf(target.spec);
    const said = reasonFor(error, patience(target.timeout));
    throw new HealqError("queue", `${describeRedis({ url })}: ${said}`, { cause: error });
  }
}
