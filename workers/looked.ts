import * as z from "zod";
import { processStates } from "../src/model/process.ts";
import { statuses } from "../src/model/status.ts";

const observation = z.strictObject({
  target: z.string(),
  kind: z.string(),
  at: z.number(),
  durationMs: z.number(),
  status: z.enum(statuses),
  findings: z.array(
    z.strictObject({
      symptom: z.string(),
      severity: z.enum(["warning", "critical"]),
      fact: z.boolean(),
      message: z.string(),
      evidence: z.record(z.string(), z.unknown()),
    }),
  ),
  metrics: z.record(z.string(), z.number().nullable()),
  message: z.string(),
  state: z.enum(processStates).optional(),
  pid: z.number().optional(),
  verified: z.boolean().optional(),
  verifyWithin: z.number().optional(),
});

/** What a process beside the supervisor has seen; answered with `recorded` and the same number once it is recorded. */
export const looked = z.strictObject({ looked: z.int(), observations: z.array(observation) });

/** The answer; with `failed` it was not recorded, and that is why. */
export const recorded = z.object({ recorded: z.int(), failed: z.string().optional() });
