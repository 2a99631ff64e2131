import * as z from "zod";
import { defineRemedy } from "../model/remedy.ts";
import { needsOnly } from "./obstacles.ts";
import { clearTheWay, planToClear } from "./postgres-steps.ts";

const schema = z.strictObject({});

/**
 * Cancels the statement of each session at the root of lock waits that last longer than `blockedFor`, if the target's `only` allows it.
 * Its transaction is rolled back, its connection stays. No effect on one that idles in a transaction: it says so, and fails.
 */
export const cancelBlocker = defineRemedy<z.output<typeof schema>>({
  remedy: "cancel-blocker",
  summary: "cancels the statement of the session that others wait for",
  schema,
  kinds: ["postgres"],
  cures: true,
  misfit: needsOnly("cancel-blocker"),
  plan: (context) => planToClear(context, "cancel"),
  apply: (context) => clearTheWay(context, "cancel"),
});
