import * as z from "zod";
import { duration } from "../lib/fields.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { checkpointStep } from "./sqlite-steps.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({
  within: duration()
    .prefault("10s")
    .describe("How long it waits for readers and writers to be done. Default: 10s."),
});

type Params = z.output<typeof schema>;

/**
 * Moves what is in the WAL into the database and cuts the WAL to nothing: `PRAGMA wal_checkpoint(TRUNCATE)`. Stops nobody: while somebody
 * reads an old state, it fails and names them.
 */
export const checkpoint = defineRemedy<Params>({
  remedy: "checkpoint",
  summary: "moves the WAL into the database and empties it",
  schema,
  kinds: ["sqlite"],
  cures: true,
  plan: async (context, params) => linesOf(stepsOf(context, params)),
  apply: (context, params) => takeSteps(stepsOf(context, params), context),
});

function stepsOf(context: RemedyContext, { within }: Params): CureStep[] {
  return [checkpointStep(context, { within, mustEmpty: true })];
}
