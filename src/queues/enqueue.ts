import { randomUUID } from "node:crypto";
import type { Job, JobsOptions } from "bullmq";
import type { Alert } from "../model/alert.ts";
import { catalogue, longestMessage, type Payloads, targetsPerCheck } from "./catalogue.ts";
import type { Queues } from "./queues.ts";

/** Names under which heals of one target are told apart. `.` because BullMQ allows no `:` in ids. */
const idOf = (what: string, target: string) => `${what}.${target}.${randomUUID()}`;

/** Asks for one look at each of these targets, in jobs of at most 100. `delay` in milliseconds. */
export async function enqueueChecks(
  queues: Queues,
  node: string,
  check: Payloads["check:run"],
  options: { delay?: number; wakeId?: string } = {},
): Promise<Job[]> {
  const jobs: Promise<Job>[] = [];
  for (let i = 0; i < check.targets.length; i += targetsPerCheck) {
    const data = { ...check, targets: check.targets.slice(i, i + targetsPerCheck) };
    jobs.push(
      queues.check(node).add("check:run", data, {
        ...catalogue["check:run"].options,
        ...(options.delay === undefined ? {} : { delay: options.delay }),
        ...(options.wakeId === undefined ? {} : { jobId: options.wakeId }),
      }),
    );
  }
  return Promise.all(jobs);
}

/**
 * Asks for a heal. Automatic and plain heals of one target are one job until it ends: a second request gets the first
 * one's job. Dry runs and forced heals are jobs of their own. A request that comes while the job backs off wakes it.
 */
export async function enqueueHeal(
  queues: Queues,
  node: string,
  heal: Payloads["heal:run"],
  attempts: number,
): Promise<Job> {
  const own = heal.dryRun === true || heal.force === true;
  const options: JobsOptions = {
    ...catalogue["heal:run"].options,
    attempts: heal.dryRun === true ? 1 : Math.max(1, attempts),
    backoff: { type: "healq" },
    jobId: idOf(heal.dryRun === true ? "plan" : "heal", heal.target),
    ...(own ? {} : { deduplication: { id: heal.target } }),
  };
  const queue = queues.heal(node);
  const added = await queue.add("heal:run", heal, options);
  if (heal.requestedBy === undefined || added.id === options.jobId) return added;
  const running = await queue.getJob(added.id ?? "");
  // A person does not wait for the back-off of the heal that is under way.
  if (await running?.isDelayed()) await running?.promote().catch(() => undefined);
  return running ?? added;
}

/** Asks for what a person wants of a process. */
export function enqueueWish(queues: Queues, node: string, wish: Payloads["target:wish"]): Promise<Job> {
  return queues.heal(node).add("target:wish", wish, {
    ...catalogue["target:wish"].options,
    attempts: 1,
    jobId: idOf(wish.wish, wish.target),
  });
}

/** Asks for an alert over one channel. `key` makes the same alert one job, however often it is asked for. */
export function enqueueAlert(queues: Queues, channel: string, alert: Alert, key: string): Promise<Job> {
  const data: Payloads["alert:send"] = {
    channel,
    alert: { ...alert, message: alert.message.slice(0, longestMessage) },
  };
  return queues.alert.add("alert:send", data, {
    ...catalogue["alert:send"].options,
    jobId: `${channel}.${key}`,
  });
}
