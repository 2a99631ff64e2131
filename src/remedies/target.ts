import * as z from "zod";
import { id } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { askForHeal, healLine } from "./other-target.ts";

const schema = z.union([id().describe("The target to heal."), z.strictObject({})]);

type Params = z.output<typeof schema>;

const specSchema = z.looseObject({ target: z.string() });

/** Asks for a heal of another target: the one named here, else the one that the target's own `target` field names. */
export const target = defineRemedy<Params>({
  remedy: "target",
  summary: "asks for a heal of another target",
  schema,
  kinds: "all",
  cures: true,
  references: (params) => (typeof params === "string" ? [params] : []),
  asks: ({ spec }, params) => otherOf(spec, params),
  misfit: ({ spec }, params) =>
    otherOf(spec, params) === undefined
      ? "target needs the name of another target: { target: ID }"
      : undefined,
  plan: async (context, params) => [healLine(wanted(context, params))],
  apply: async (context, params) => askForHeal(context, wanted(context, params)),
});

function otherOf(spec: unknown, params: Params): string | undefined {
  if (typeof params === "string") return params;
  return specSchema.safeParse(spec).data?.target;
}

function wanted(context: RemedyContext, params: Params): string {
  const other = otherOf(context.target.spec, params);
  if (other === undefined)
    throw new HealqError("no-target", `${context.target.id} names no other target to heal`);
  return other;
}
