import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { startStep, stopSteps } from "./process-steps.ts";
import { refuseForeign, waysOf } from "./process-ways.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({});

/** Stops the process if it lives, and starts it. Between the two a person's stop or pause is asked for once more. */
export const restart = defineRemedy<z.output<typeof schema>>({
  remedy: "restart",
  summary: "stops the process and starts it again",
  schema,
  kinds: ["process"],
  cures: true,
  misfit: ({ spec }) => {
    const { stop, start } = waysOf(spec);
    if (start !== undefined && stop !== undefined) return undefined;
    return "restart needs run:, or both start: and stop: commands; a process that is only found is only looked at";
  },
  plan: async (context) => linesOf(stepsOf(context)),
  apply: (context) => takeSteps(stepsOf(context), context),
});

function stepsOf(context: RemedyContext): CureStep[] {
  const ways = waysOf(context.target.spec);
  if (ways.start === undefined) return [];
  refuseForeign(context.target);
  return [...stopSteps(context, ways), startStep(context, ways.start)];
}
