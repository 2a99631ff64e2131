import { isOn } from "../../src/model/config.ts";
import { onBudgetSpent } from "../../src/policy/heal-transitions.ts";
import { initialState } from "../../src/policy/initial.ts";
import { mayApply } from "../../src/policy/may-apply.ts";
import { runCheck } from "../check.ts";
import { type Attempt, done, type Stage } from "./attempt.ts";
import { write } from "./write.ts";

/** Stage 4: needs, budget, breaker, blast radius. Nothing is charged here; see `apply`. */
export const capacity: Stage = async (attempt) => {
  const { context, target, store, observation, finding, person, forced, dryRun } = attempt;
  if (observation === undefined) return undefined;
  if (!forced) await lookAtNeeds(attempt);
  const now = context.clock.now();
  const state = (await store.read([target.id])).get(target.id)?.state ?? initialState(now);
  attempt.state = state;
  const surroundings = await context.surroundings(target, observation, state);
  const verdict = mayApply({
    target,
    state,
    surroundings,
    now,
    person,
    force: forced,
    symptom: finding?.symptom,
    fact: finding?.fact ?? false,
  });
  if (verdict.ok) {
    attempt.halfOpen = verdict.halfOpen;
    return undefined;
  }
  if (dryRun) {
    attempt.hindrances.push(verdict.reason);
    return undefined;
  }
  if (verdict.by === "budget" && !person) {
    await write(attempt, (current, at) => onBudgetSpent(current, { target, now: at }));
  }
  return done(attempt, "skipped", verdict.reason);
};

/** What it needs may have failed since it was last looked at: a worker whose input has just gone stale is not restarted for it. */
async function lookAtNeeds({ context, target }: Attempt): Promise<void> {
  const { config } = context;
  const here = target.needs.filter((id) => {
    const need = config.targets.get(id);
    return need !== undefined && isOn(need, config.node);
  });
  if (here.length > 0) await runCheck(here, "event", context);
}
