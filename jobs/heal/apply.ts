import { withSignal } from "../../src/lib/with-signal.ts";
import { type Cured, curedNote } from "../../src/model/cured.ts";
import { GuardClosed, messageOf } from "../../src/model/errors.ts";
import type { FollowUp } from "../../src/model/remedy.ts";
import { applicationsOf } from "../../src/model/target.ts";
import { onApplied } from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import { changeState } from "../../src/store/change.ts";
import { sendAlert } from "../steps.ts";
import { type Attempt, about, done, type Ended, interrupted, reasonOf, type Stage } from "./attempt.ts";
import { forbidden } from "./guards.ts";
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
    const applied = await context.limits.applying(signal, () =>
      withSignal({ signals: [signal], timeout: applyWithin }, (within) => applyOnce(attempt, within)),
    );
    if ("type" in applied) return applied;
    for (const followUp of applied.followUps) {
      const held = await follow(attempt, followUp);
      if (held === undefined) continue;
      return held.blameless ? done(attempt, "skipped", held.why) : await attemptFailed(attempt, held.why);
    }
    noteApplied(attempt);
    return undefined;
  } catch (error) {
    if (error instanceof GuardClosed) return done(attempt, "skipped", error.message);
    if (signal.aborted) return interrupted(attempt);
    return attemptFailed(attempt, messageOf(error));
  }
};

async function applyOnce(
  attempt: Attempt,
  within: AbortSignal,
): Promise<Ended | { followUps: readonly FollowUp[] }> {
  const { context, job, remedy, rung, signal } = attempt;
  // The stages before this one have chosen both.
  if (remedy === undefined || rung === undefined) return { followUps: [] };
  const reach = remedyContext(attempt, within);
  // It may have waited long for its slot.
  await reach.mayGoOn();
  signal.throwIfAborted();
  const unwritable = stateDirRefuses(attempt);
  if (unwritable !== undefined) return unwritable;
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

/** Tells the looks that what they found was seen to: a kind that finds events needs to know what came before the cure. */
function noteApplied({ context, target, remedy, finding }: Attempt): void {
  if (remedy?.cures !== true) return;
  const cured: Cured = {
    at: context.clock.now(),
    ...(finding === undefined ? {} : { symptom: finding.symptom }),
  };
  context.memoryOf(target.id).keep(curedNote, cured);
}

/** How soon a target is looked at again whose cure could not be written down, in milliseconds. */
const writableIn = 5_000;

/** Nothing is charged, and nothing done to a process, while it cannot be written down first. */
function stateDirRefuses(attempt: Attempt): Ended | undefined {
  const { context, target } = attempt;
  const why = target.kind === "process" ? context.processes.unwritable() : undefined;
  if (why === undefined) return undefined;
  const reason = `nothing is started or stopped that cannot be written down first: ${why}`;
  return { ...done(attempt, "skipped", reason), lookIn: writableIn };
}

/** Charges `limits.heals`, which a person's own request does not. */
function chargeNode(attempt: Attempt): Ended | undefined {
  const { context, person, target } = attempt;
  const room = person ? { ok: true as const } : context.limits.charge(context.clock.now(), target.id);
  if (room.ok) return undefined;
  const lookIn = Math.max(0, room.until - context.clock.now());
  const reason =
    "limits.heals: this node has applied as many remedies as it may; looks again when there is room";
  return { ...done(attempt, "skipped", reason), lookIn };
}

/** Written down before it is done, with the evidence: a crash in the middle has been charged and told. */
async function charge(attempt: Attempt): Promise<void> {
  const { context, target, store, person, forced, remedy, job, evidence } = attempt;
  const reason = reasonOf(attempt) ?? (forced ? "asked for by force" : "asked for");
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

/** Why others did not do what the remedy wants of them. */
interface Held {
  readonly why: string;
  /** A person has stopped or silenced the other target, or it needs what is bad itself: no failure of this heal. */
  readonly blameless: boolean;
}

/** Does what the remedy wants of others; says what went wrong, if it did. */
async function follow(attempt: Attempt, followUp: FollowUp): Promise<Held | undefined> {
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
  if (other === undefined) return { why: `${followUp.target} is not in this config`, blameless: false };
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
    if (result.outcome !== "skipped") return undefined;
    const isForbidden = (await forbidden({ context, target: other })) !== undefined;
    const blameless = isForbidden || (await context.unmetNeeds(other)).length > 0;
    return { why: `${other.id} was not healed: ${result.reason}`, blameless };
  } catch (error) {
    if (signal.aborted) throw error;
    return { why: `${other.id} was not healed: ${messageOf(error)}`, blameless: false };
  }
}
