import { formatDuration } from "../../src/lib/duration.ts";
import { interrupted, type Stage } from "./attempt.ts";
import { lookOnce } from "./look-once.ts";
import { hasEnded, isWell, lookUntilWell, verifyWithin } from "./look-until-well.ts";
import { attemptFailed } from "./record.ts";

/** Stage 7: nothing is cured until it is seen to be cured. */
export const verify: Stage = async (attempt) => {
  const { context, remedy, signal, target } = attempt;
  const cures = remedy?.cures !== false;
  const look = cures ? await lookUntilWell(context, target, signal) : await lookOnce(attempt, target);
  if (isWell(look)) {
    attempt.cure = look;
    return undefined;
  }
  if (signal.aborted) return interrupted(attempt);
  if (hasEnded(look)) return attemptFailed(attempt, look.message);
  if (!cures) return attemptFailed(attempt, `a person was called, nothing was changed: ${look.message}`);
  return attemptFailed(
    attempt,
    `not verified within ${formatDuration(verifyWithin(target, look))}: ${look.message}`,
  );
};
