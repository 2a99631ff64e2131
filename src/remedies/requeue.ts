import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { findPatients, tmuxSpec } from "./tmux-patients.ts";
import { onlySaid, type Requeued, requeueSteps, stepsOfOthers } from "./tmux-requeue.ts";

const schema = z.strictObject({});

/** Gives the tasks of stuck sessions back, and leaves the sessions as they are. `interrupt` and `kill-session` do it themselves. */
export const requeue = defineRemedy<z.output<typeof schema>>({
  remedy: "requeue",
  summary: "gives the task of a stuck session back, for another one to do",
  schema,
  kinds: ["tmux"],
  cures: true,
  misfit: ({ spec }) =>
    tmuxSpec(spec).requeue === undefined
      ? "requeue needs how: requeue: { sqlite: …, update: … } on the target"
      : undefined,
  plan: async (context) => linesOf(await stepsOf(context)),
  apply: async (context) => takeSteps(await stepsOf(context), context),
});

async function stepsOf(context: RemedyContext): Promise<CureStep[]> {
  const patients = await findPatients(context);
  const requeued: Requeued = [];
  const steps = await stepsOfOthers(context, patients, requeued);
  for (const { name } of patients.sessions) {
    const own = await requeueSteps(context, name, { requeued, mayBe: () => true });
    steps.push(...(own.length > 0 ? own : [onlySaid(`no task is assigned to ${name}: nothing to requeue`)]));
  }
  return steps;
}
