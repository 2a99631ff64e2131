import type { AuditNote } from "../../src/model/audit.ts";
import type { TargetState } from "../../src/model/state.ts";
import { initialState } from "../../src/policy/initial.ts";
import type { Transition } from "../../src/policy/transition.ts";
import { changeState } from "../../src/store/change.ts";
import { incidentAfter, notesOf } from "../marks.ts";
import { takeSteps } from "../steps.ts";
import type { Attempt } from "./attempt.ts";

/**
 * Changes the state with the note of the heal first, then what the transition marks; then takes its steps. What has a
 * `name` is written once, also when a crash after it has the job delivered again.
 */
export async function write(
  attempt: Attempt,
  transit: (state: TargetState, now: number) => Transition & { note?: AuditNote },
  { name }: { name?: string } = {},
): Promise<{ state: TargetState }> {
  const { context, target, store, job } = attempt;
  const changed = await changeState(store, target.id, async (current) => {
    const now = context.clock.now();
    const { note, ...change } = transit(current ?? initialState(now), now);
    const notes = [
      ...(note === undefined ? [] : [note]),
      ...notesOf(change.marks, { at: now, target: target.id, job: job.id }),
    ];
    const of = {
      marks: change.marks,
      before: current,
      after: change.state,
      target: target.id,
      node: context.node,
      store,
      now,
    };
    const incident = await incidentAfter(of);
    return {
      ...change,
      before: current,
      notes,
      ...(incident === undefined ? {} : { incident }),
      ...(name === undefined ? {} : { name }),
    };
  });
  attempt.state = changed.state;
  await takeSteps(context, {
    target,
    before: changed.before,
    state: changed.state,
    steps: changed.steps,
    reason: changed.state.reason,
  });
  return { state: changed.state };
}
