import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { askForHeal, healLine } from "./other-target.ts";

const schema = z.strictObject({});

const specSchema = z.looseObject({ producer: z.string() });

/** Asks for a heal of the target that writes this file, under that target's own lock, wish and budget. */
export const producer = defineRemedy<z.output<typeof schema>>({
  remedy: "producer",
  summary: "asks for a heal of the file's producer",
  schema,
  kinds: ["file"],
  cures: true,
  asks: ({ spec }) => specSchema.safeParse(spec).data?.producer,
  misfit: ({ spec }) =>
    specSchema.safeParse(spec).success
      ? undefined
      : "producer needs the name of the target that writes the file: producer: ID",
  plan: async (context) => [healLine(producerOf(context))],
  apply: async (context) => askForHeal(context, producerOf(context)),
});

function producerOf({ target }: RemedyContext): string {
  return specSchema.parse(target.spec).producer;
}
