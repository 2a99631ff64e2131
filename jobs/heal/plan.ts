import { done, type Stage } from "./attempt.ts";
import { remedyContext } from "./remedy-context.ts";

/** A dry run ends here, with the very steps that the cure would do now. */
export const plan: Stage = async (attempt) => {
  const { dryRun, remedy, rung, job, hindrances } = attempt;
  if (!dryRun || remedy === undefined || rung === undefined) return undefined;
  const steps = await remedy.plan(remedyContext(attempt, attempt.signal), rung.params);
  for (const step of steps) job.say(`would: ${step}`);
  const reason =
    hindrances.length === 0
      ? `would ${remedy.remedy} now; nothing was changed`
      : `would do nothing now: ${hindrances.join("; ")}; the cure would be`;
  return done(attempt, "dry-run", reason, { plan: steps });
};
