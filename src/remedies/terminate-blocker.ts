import * as z from "zod";
import { defineRemedy } from "../model/remedy.ts";
import { needsOnly } from "./obstacles.ts";
import { clearTheWay, planToClear } from "./postgres-steps.ts";

const schema = z.strictObject({});

/**
 * Ends the sessions at the root of lock waits, and those that idle in a transaction for too long, if the target's `only` allows it:
 * their transactions are rolled back and their clients lose the connection. Never the server's own work, nor a replica's.
 */
export const terminateBlocker = defineRemedy<z.output<typeof schema>>({
  remedy: "terminate-blocker",
  summary: "ends the session that others wait for, or that idles in a transaction",
  schema,
  kinds: ["postgres"],
  cures: true,
  misfit: needsOnly("terminate-blocker"),
  plan: (context) => planToClear(context, "end"),
  apply: (context) => clearTheWay(context, "end"),
});
