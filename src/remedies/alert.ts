import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";

const schema = z.union([
  z.string().min(1).describe("What the alert says. Default: what was found."),
  z.strictObject({
    message: z.string().min(1).optional().describe("What the alert says. Default: what was found."),
  }),
]);

type Params = z.output<typeof schema>;

/** Calls people by all channels; changes nothing itself. */
export const alert = defineRemedy<Params>({
  remedy: "alert",
  summary: "calls people",
  schema,
  kinds: "all",
  cures: false,
  plan: async (context, params) => [lineOf(context, params)],
  apply: async (context, params) => {
    context.step(lineOf(context, params));
    return { followUps: [{ type: "alert", message: messageFor(context, params) }] };
  },
});

function lineOf(context: RemedyContext, params: Params): string {
  return `alert: ${messageFor(context, params)}`;
}

function messageFor({ target, finding }: RemedyContext, params: Params): string {
  const said = typeof params === "string" ? params : params.message;
  return said ?? finding?.message ?? `${target.id} needs a person`;
}
