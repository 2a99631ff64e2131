import { nextDelay } from "../../src/lib/backoff.ts";
import type { AuditNote } from "../../src/model/audit.ts";
import { applicationsOf, ladderFor } from "../../src/model/target.ts";
import { onAttemptFailed, onHealFailed, onHealSucceeded } from "../../src/policy/heal-transitions.ts";
import { lookAtDependants, lookRecord } from "../record-looks.ts";
import { type Attempt, about, done, type Ended, reasonOf, type Stage } from "./attempt.ts";
import { write } from "./write.ts";

/** Stage 8: audit, incident, status, in one piece; then those that need this one are looked at. */
export const record: Stage = async (attempt) => {
  const { context, target, store, cure, startedAt, job, evidence, details } = attempt;
  if (cure === undefined) return undefined;
  const durationMs = Math.max(0, context.clock.now() - startedAt);
  const recoveredMs = Math.max(0, context.clock.now() - (attempt.state?.incident?.openedAt ?? startedAt));
  const succeeded: AuditNote = {
    ...about(attempt),
    event: "heal.succeeded",
    reason: reasonOf(attempt) ?? "asked for",
    durationMs,
    details: {
      verified: cure.message,
      recoveredMs,
      ...details,
      ...(evidence === undefined ? {} : { evidence }),
    },
  };
  const change = await write(
    attempt,
    (state, now) => ({ ...onHealSucceeded(state, { now, policy: target.policy }), note: succeeded }),
    { name: `healed.${job.id}.${startedAt}` },
  );
  await store.keepLooks([{ target: target.id, look: lookRecord(cure) }]);
  context.board.set(target.id, cure, change.state);
  job.say(`healed: ${cure.message}`);
  await lookAtDependants(target, context);
  return done(attempt, "healed", cure.message, { recoveredMs, applications: job.attempt + 1 });
};

/** Ends an attempt that cured nothing: again while there are tries, else the heal has failed. */
export async function attemptFailed(attempt: Attempt, reason: string): Promise<Ended> {
  const { context, target, job, finding, startedAt, evidence } = attempt;
  const tries = applicationsOf(ladderFor(target, finding?.symptom ?? job.data.symptom ?? ""));
  const last = attempt.halfOpen === true || job.attempt + 1 >= Math.min(tries, job.attempts);
  job.say(`not cured: ${reason}`);
  const failure = finding !== undefined && reason.endsWith(finding.message) ? undefined : shortened(reason);
  const change = await write(attempt, (state, now) => {
    if (!last) return onAttemptFailed(state, { now, policy: target.policy, failure });
    const note: AuditNote = {
      ...about(attempt),
      event: "heal.failed",
      reason,
      durationMs: Math.max(0, now - startedAt),
      details: { applications: job.attempt + 1, ...(evidence === undefined ? {} : { evidence }) },
    };
    return { ...onHealFailed(state, { target, now, random: context.random, reason, failure }), note };
  });
  if (last) return { type: "failed", reason };
  return {
    type: "again",
    reason,
    retryIn: nextDelay(target.policy.backoff, change.state.backoffLevel, context.random),
  };
}

/** It is part of every later line about the incident; the whole is in `heal.failed` and in the job's log. */
function shortened(reason: string): string {
  return reason.length > 200 ? `${reason.slice(0, 199)}…` : reason;
}
