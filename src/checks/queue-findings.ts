import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckMemory } from "../model/ports.ts";
import type { QueueSpec } from "./queue-spec.ts";
import type { QueueState } from "./queue-state.ts";

/** So many jobs are named in one finding. */
const shown = 5;

/** What is judged: the state, when it was read, and the jobs that have been without their locks for long. */
export interface Seen {
  readonly spec: QueueSpec;
  readonly state: QueueState;
  readonly now: number;
  readonly stalled: readonly string[];
}

/** What is wrong with a queue, the worst first. Names of jobs, their data and why they failed are their program's own, and not shown. */
export function queueFindings(seen: Seen): readonly Finding[] {
  return [...orphaned(seen), ...stalledJobs(seen), ...old(seen), ...failing(seen), ...backlog(seen)];
}

const memoryKey = "unlocked";

/** Remembers since when jobs have been without their locks; those for which that is too long. */
export function longUnlocked(
  unlocked: readonly string[],
  { memory, now, stalled }: { memory: CheckMemory; now: number; stalled: number },
): readonly string[] {
  // Only such maps are kept under this key.
  const before = memory.get(memoryKey) as ReadonlyMap<string, number> | undefined;
  const since = new Map(unlocked.map((id) => [id, Math.min(now, before?.get(id) ?? now)]));
  memory.set(memoryKey, since);
  return unlocked.filter((id) => now - (since.get(id) ?? now) >= stalled);
}

function orphaned({ spec, state }: Seen): Finding[] {
  const { workers, waiting } = state;
  if (workers === undefined || workers >= (spec.workers ?? 1)) return [];
  const jobs = waiting === 0 ? "" : `, and ${counted(waiting, "job")} ${waiting === 1 ? "waits" : "wait"}`;
  const message =
    workers === 0
      ? `no worker is connected${jobs}`
      : `${counted(workers, "worker")} connected, at least ${spec.workers} wanted${jobs}`;
  const finding = findingOf("queue.orphaned", message, { workers, waiting });
  return [workers === 0 ? finding : { ...finding, severity: "warning" }];
}

function stalledJobs({ stalled, spec }: Seen): Finding[] {
  if (stalled.length === 0) return [];
  const has = stalled.length === 1 ? "has" : "have";
  const message = `${counted(stalled.length, "active job")} ${has} been without a worker's lock for ${formatDuration(spec.stalled)}`;
  return [findingOf("queue.stalled", message, { stalled: stalled.length, jobs: shownIds(stalled) })];
}

function old({ spec, state, now }: Seen): Finding[] {
  const { oldest } = state;
  if (spec.oldest === undefined || oldest === undefined || now - oldest.since <= spec.oldest) return [];
  const message = `job ${plain(oldest.id)} has waited for ${formatDuration(now - oldest.since)} (at most ${formatDuration(spec.oldest)})`;
  return [findingOf("queue.old", message, { job: plain(oldest.id), waiting: state.waiting })];
}

function failing({ spec: { failed }, state }: Seen): Finding[] {
  if (failed === undefined || state.failedLately <= failed.max) return [];
  const message = `${counted(state.failedLately, "job")} failed within ${formatDuration(failed.per)} (at most ${failed.max})`;
  return [findingOf("queue.failing", message, { failed: state.failedLately, kept: state.failed })];
}

function backlog({ spec, state }: Seen): Finding[] {
  if (spec.waiting === undefined || state.waiting <= spec.waiting) return [];
  const wait = state.waiting === 1 ? "waits" : "wait";
  const message = `${counted(state.waiting, "job")} ${wait} (at most ${spec.waiting})`;
  const evidence = { waiting: state.waiting, active: state.active, delayed: state.delayed };
  return [{ ...findingOf("queue.backlog", message, evidence), severity: "warning" }];
}

function findingOf(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "critical", fact: false, message, evidence };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A few ids; whoever adds jobs may choose them. */
export function shownIds(ids: readonly string[]): string[] {
  return ids.slice(0, shown).map((id) => plain(id).slice(0, 64));
}
