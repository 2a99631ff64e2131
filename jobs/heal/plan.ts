import { messageOf } from "../../src/model/errors.ts";
import { type Attempt, done, type Stage } from "./attempt.ts";
import { remedyContext } from "./remedy-context.ts";

/** A dry run ends here, with the very steps that the cure would do now; a cure that could not be done is no failure of it. */
export const plan: Stage = async (attempt) => {
  const { dryRun, remedy, rung, job, hindrances } = attempt;
  if (!dryRun || remedy === undefined || rung === undefined) return undefined;
  const steps = await stepsOf(attempt, () =>
    remedy.plan(remedyContext(attempt, attempt.signal), rung.params),
  );
  for (const step of steps) job.say(`would: ${step}`);
  const reason =
    hindrances.length === 0
      ? `would ${remedy.remedy} now; nothing was changed`
      : `would do nothing now: ${hindrances.join("; ")}${steps.length > 0 ? "; the cure would be" : ""}`;
  return done(attempt, "dry-run", reason, { plan: steps });
};

async function stepsOf(
  { hindrances, signal }: Attempt,
  make: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await make();
  } catch (error) {
    if (signal.aborted) throw error;
    hindrances.push(messageOf(error));
    return [];
  }
}
