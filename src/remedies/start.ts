import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { hasCopies, startCopies } from "./process-copies.ts";
import { livingPid, startStep } from "./process-steps.ts";
import { refuseForeign, waysOf } from "./process-ways.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({});

/** Starts the process if it does not run; one that runs is left alone. */
export const start = defineRemedy<z.output<typeof schema>>({
  remedy: "start",
  summary: "starts the process if it does not run",
  schema,
  kinds: ["process"],
  cures: true,
  misfit: ({ spec }) =>
    waysOf(spec).start === undefined ? "start needs run:, or a start: command" : undefined,
  plan: async (context) => linesOf(stepsOf(context)),
  apply: (context) => takeSteps(stepsOf(context), context),
});

function stepsOf(context: RemedyContext): CureStep[] {
  const ways = waysOf(context.target.spec, context.target.base);
  if (ways.start === undefined) return [];
  if (ways.start.by === "healq" && hasCopies(context)) return startCopies(context, ways.start);
  const pid = ways.start.by === "healq" ? livingPid(context) : undefined;
  if (pid !== undefined)
    return [
      {
        line: `${context.target.id} runs already (pid ${pid}): nothing to start`,
        act: async () => ({ pid }),
      },
    ];
  if (ways.start.by === "healq") refuseForeign(context.target);
  return [startStep(context, ways.start)];
}
