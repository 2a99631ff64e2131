import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { managerStep } from "./manager-steps.ts";
import { hasCopies, restartCopies } from "./process-copies.ts";
import { isNew, startStep, stopSteps } from "./process-steps.ts";
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
  const ways = waysOf(context.target.spec, context.target.base);
  if (ways.start === undefined) return [];
  // In one: its manager knows how, and nothing is left half done.
  if (ways.start.by === "manager") return [managerStep(context, ways.start.unit, "restart")];
  if (ways.start.by === "healq" && hasCopies(context)) return restartCopies(context, ways, ways.start);
  refuseForeign(context.target);
  const stop = isNew(context) ? [] : stopSteps(context, ways);
  return [...stop, startStep(context, ways.start)];
}
