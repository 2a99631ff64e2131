import { pauseOf } from "../pause-of.ts";
import { type Attempt, done, type Stage } from "./attempt.ts";

/** Why a person's word forbids acting on the target now; undefined if none does. Asked anew each time. */
export async function forbidden({
  context,
  target,
}: Pick<Attempt, "context" | "target">): Promise<string | undefined> {
  const { wishes, clock } = context;
  const stopped = wishes.stopped(target.id);
  if (stopped !== undefined)
    return `${target.id} was stopped by ${stopped.by}; \`healq start ${target.id}\` ends that`;
  const paused = pauseOf(await context.pauses(), target.id, clock.now());
  if (paused === undefined) return undefined;
  const what =
    paused.scope === "everything" ? "everything is paused (kill switch)" : `${target.id} is silenced`;
  return `${what} by ${paused.reason}`;
}

/** Stage 2: kill switch, silence, wish and mode. Never overridden, not even by force. */
export const guards: Stage = async (attempt) => {
  const { target, dryRun } = attempt;
  const { mode } = target.policy;
  const reason =
    (await forbidden(attempt)) ??
    (mode === "observe" ? `mode: observe, ${target.id} is only looked at` : undefined);
  if (reason !== undefined && !dryRun) return done(attempt, "skipped", reason);
  if (reason !== undefined) attempt.hindrances.push(reason);
  return undefined;
};
