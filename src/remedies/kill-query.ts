import * as z from "zod";
import { defineRemedy } from "../model/remedy.ts";
import { killObstacles, planToKill } from "./mysql-steps.ts";
import { needsOnly } from "./obstacles.ts";

const schema = z.strictObject({});

/**
 * Kills the running statement of each transaction at the root of lock waits that last longer than `blockedFor`, if the target's `only`
 * allows it. InnoDB undoes that statement; the transaction and its other locks stay. No effect on one that idles: it says so, and fails.
 */
export const killQuery = defineRemedy<z.output<typeof schema>>({
  remedy: "kill-query",
  summary: "kills the statement of the transaction that others wait for",
  schema,
  kinds: ["mysql"],
  cures: true,
  misfit: needsOnly("kill-query"),
  plan: (context) => planToKill(context, "QUERY"),
  apply: (context) => killObstacles(context, "QUERY"),
});
