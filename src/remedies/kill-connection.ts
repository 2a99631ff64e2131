import * as z from "zod";
import { defineRemedy } from "../model/remedy.ts";
import { killObstacles, planToKill } from "./mysql-steps.ts";
import { needsOnly } from "./obstacles.ts";

const schema = z.strictObject({});

/**
 * Kills the connections of the transactions at the root of lock waits, and of those that idle for too long, if the target's `only`
 * allows it. First those with the fewest modified rows: a rollback takes as long as the work did, and it says how many rows it undoes.
 */
export const killConnection = defineRemedy<z.output<typeof schema>>({
  remedy: "kill-connection",
  summary: "kills the connection whose transaction others wait for, or that idles in one",
  schema,
  kinds: ["mysql"],
  cures: true,
  misfit: needsOnly("kill-connection"),
  plan: (context) => planToKill(context, "CONNECTION"),
  apply: (context) => killObstacles(context, "CONNECTION"),
});
