import type { HealResult } from "../src/model/heal.ts";
import type { Target } from "../src/model/target.ts";
import type { HealContext } from "./context.ts";
import { apply } from "./heal/apply.ts";
import { type Attempt, type Ended, type HealJob, interrupted, type Stage } from "./heal/attempt.ts";
import { capacity } from "./heal/capacity.ts";
import { captureEvidence } from "./heal/evidence.ts";
import { guards } from "./heal/guards.ts";
import { lookAgain } from "./heal/look-again.ts";
import { plan } from "./heal/plan.ts";
import { record } from "./heal/record.ts";
import { verify } from "./heal/verify.ts";

/** What happens to a target that holds the lock (stage 1), in this order; the first stage that ends the attempt ends it. */
const stages: readonly Stage[] = [guards, lookAgain, capacity, plan, captureEvidence, apply, verify, record];
/** What is left out when an earlier delivery has applied the remedy. */
const untilApplied: ReadonlySet<Stage> = new Set([capacity, plan, captureEvidence, apply]);

/** Runs one attempt of a heal under the lock of its target. Expected failures are values. */
export async function runHeal(job: HealJob, context: HealContext): Promise<Ended> {
  const target = context.config.targets.get(job.data.target);
  if (target === undefined)
    return { type: "failed", reason: `unknown target ${job.data.target} on node ${context.node}` };
  if (job.data.requestedBy !== undefined && job.first) await noteRequest(job, target, context);
  const ended = await context.locks.hold(target.id, job.signal, (signal) =>
    climb(start(job, target, signal, context)),
  );
  await noteSkip(ended, job, target, context);
  return ended;
}

function start(job: HealJob, target: Target, signal: AbortSignal, context: HealContext): Attempt {
  return {
    context,
    job,
    target,
    store: context.storeOf(target),
    signal,
    startedAt: job.applied?.startedAt ?? context.clock.now(),
    person: job.data.requestedBy !== undefined,
    dryRun: job.data.dryRun === true || target.policy.mode === "dry-run",
    forced: job.data.force === true,
    hindrances: [],
  };
}

async function climb(attempt: Attempt): Promise<Ended> {
  for (const stage of stages) {
    // A cure that was seen is recorded, whatever is wanted now.
    if (attempt.signal.aborted && attempt.cure === undefined) return interrupted(attempt);
    if (attempt.resumed === true && untilApplied.has(stage)) continue;
    const ended = await stage(attempt);
    if (ended !== undefined) return ended;
  }
  throw new Error("the last stage of a heal ends it");
}

async function noteRequest(job: HealJob, target: Target, context: HealContext): Promise<void> {
  const { requestedBy = "", reason = "asked for", force, dryRun } = job.data;
  const details = { ...(force === true ? { force } : {}), ...(dryRun === true ? { dryRun } : {}) };
  const note = {
    at: context.clock.now(),
    event: "heal.requested" as const,
    target: target.id,
    job: job.id,
    reason,
    by: requestedBy,
  };
  await context.storeOf(target).note([{ ...note, details }]);
}

/**
 * A heal that a guard kept from acting is told with its reason, one that the mode made a dry run with its plan; one that found all well
 * is not worth a line, and who asked for a dry run has the plan.
 */
async function noteSkip(ended: Ended, job: HealJob, target: Target, context: HealContext): Promise<void> {
  if (ended.type !== "done") return;
  const { outcome, incident, plan } = ended.result;
  const isPlan = outcome === "dry-run" && job.data.requestedBy === undefined;
  if (outcome !== "skipped" && !isPlan) return;
  const reason = isPlan ? planned(ended.result) : ended.result.reason;
  const base = {
    at: context.clock.now(),
    event: "heal.skipped" as const,
    target: target.id,
    job: job.id,
    reason,
  };
  job.say(`skipped: ${reason}`);
  const details = isPlan ? { details: { plan } } : {};
  await context.storeOf(target).note([{ ...base, ...(incident === null ? {} : { incident }), ...details }]);
}

function planned({ plan = [], reason }: HealResult): string {
  return plan.length === 0 ? `dry run: ${reason}` : `dry run, would: ${plan.join("; ")}`;
}
