import { GuardClosed, messageOf } from "../../src/model/errors.ts";
import type { FollowUp } from "../../src/model/remedy.ts";
import { applicationsOf } from "../../src/model/target.ts";
import { onApplied } from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import { changeState } from "../../src/store/change.ts";
import { sendAlert } from "../steps.ts";
import { type Attempt, about, done, type Ended, interrupted, type Stage } from "./attempt.ts";
import { attemptFailed } from "./record.ts";
import { remedyContext } from "./remedy-context.ts";

/** No application may take longer than this (milliseconds), whatever the remedy's own limits say. */
const applyWithin = 10 * 60_000;

/**
 * Stage 6: charges the application, then applies the remedy, then what the remedy asks others to do. That is waited for
 * without a slot: another target's heal needs one of its own.
 */
export const apply: Stage = async (attempt) => {
  const { context, signal } = attempt;
  try {
    const applied = await context.limits.applying(signal, () => applyOnce(attempt));
    if ("type" in applied) return applied;
    for (const followUp of applied.followUps) {
      const failed = await follow(attempt, followUp);
      if (failed !== undefined) return await attemptFailed(attempt, failed);
    }
    return undefined;
  } catch (error) {
    if (error instanceof GuardClosed) return done(attempt, "skipped", error.message);
    if (signal.aborted) return interrupted(attempt);
    return attemptFailed(attempt, messageOf(error));
  }
};

async function applyOnce(attempt: Attempt): Promise<Ended | { followUps: readonly FollowUp[] }> {
  const { context, job, remedy, rung, signal } = attempt;
  // The stages before this one have chosen both.
  if (remedy === undefined || rung === undefined) return { followUps: [] };
  const within = AbortSignal.any([signal, AbortSignal.timeout(applyWithin)]);
  const reach = remedyContext(attempt, within);
  // It may have waited long for its slot.
  await reach.mayGoOn();
  signal.throwIfAborted();
  const noRoom = chargeNode(attempt);
  if (noRoom !== undefined) return noRoom;
  await charge(attempt);
  attempt.appliedAt = context.clock.now();
  const { followUps = [], details } = await remedy.apply(reach, rung.params);
  if (details !== undefined) attempt.details = details;
  job.keepApplied({ remedy: remedy.remedy, startedAt: attempt.startedAt });
  job.say(`applied ${remedy.remedy} in ${context.clock.now() - attempt.appliedAt} ms; now verifying`);
  return { followUps };
}

/** Charges `limits.heals`, which a person's own request does not. */
function chargeNode(attempt: Attempt): Ended | undefined {
  const { context, person } = attempt;
  const room = person ? { ok: true as const } : context.limits.charge(context.clock.now());
  if (room.ok) return undefined;
  const lookIn = Math.max(0, room.until - context.clock.now());
  const reason =
    "limits.heals: this node has applied as many remedies as it may; looks again when there is room";
  return { ...done(attempt, "skipped", reason), lookIn };
}

/** Written down before it is done, with the evidence: a crash in the middle has been charged and told. */
async function charge(attempt: Attempt): Promise<void> {
  const { context, target, store, person, forced, remedy, job, finding, evidence } = attempt;
  const reason = job.data.reason ?? finding?.message ?? (forced ? "asked for by force" : "asked for");
  const changed = await changeState(store, target.id, (current) => {
    const now = context.clock.now();
    const of = { now, charged: !person, halfOpen: attempt.halfOpen === true, policy: target.policy };
    const change = onApplied(current ?? initialState(now), of);
    const details = { attempt: job.attempt + 1, ...(evidence === undefined ? {} : { evidence }) };
    return { ...change, notes: [{ ...about(attempt), event: "heal.started" as const, reason, details }] };
  });
  attempt.state = changed.state;
  job.say(`${remedy?.remedy}: attempt ${job.attempt + 1}, because ${reason}`);
}

/** Does what the remedy wants of others; says what went wrong, if it did. */
async function follow(attempt: Attempt, followUp: FollowUp): Promise<string | undefined> {
  const { context, target, job, signal } = attempt;
  if (followUp.type === "alert") {
    const alert = {
      node: context.node,
      target: target.id,
      event: "remedy.alert",
      severity: "critical" as const,
    };
    await sendAlert(
      context,
      { ...alert, critical: target.critical, message: followUp.message, at: context.clock.now() },
      attempt.state?.incident?.id,
    );
    return undefined;
  }
  const other = context.config.targets.get(followUp.target);
  if (other === undefined) return `${followUp.target} is not in this config`;
  const order = {
    target: other.id,
    reason: followUp.reason,
    attempts: Math.max(1, applicationsOf(other.ladders.any)),
    dryRun: false,
    onBehalfOf: target.id,
    ...(attempt.state?.incident === undefined ? {} : { incident: attempt.state.incident.id }),
  };
  try {
    const result = await context.dispatch.healAndWait(order, signal);
    job.say(`${other.id}: ${result.outcome}, ${result.reason}`);
    return result.outcome === "skipped" ? `${other.id} was not healed: ${result.reason}` : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return `${other.id} was not healed: ${messageOf(error)}`;
  }
}
