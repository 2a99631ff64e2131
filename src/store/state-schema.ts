import * as z from "zod";
import { phases } from "../model/phase.ts";
import type { TargetState } from "../model/state.ts";

const count = z.number().int().min(0);
const status = z.enum(["ok", "warning", "critical", "unknown"]);

/** Each field of a state, so that one that was forged or cut short is never handed to policy. Times are milliseconds since the epoch. */
const fields: Record<keyof TargetState, z.ZodType> = {
  status,
  since: z.number(),
  symptoms: z.array(z.string()),
  phase: z.enum(phases),
  phaseSince: z.number(),
  reason: z.string(),
  recent: z.array(z.boolean()),
  okInRow: count,
  unknownSince: z.number().optional(),
  unknownAlerted: z.boolean().optional(),
  unseen: z.boolean().optional(),
  incident: z
    .object({ id: z.string(), openedAt: z.number(), symptom: z.string(), alerted: z.array(z.string()) })
    .optional(),
  applications: z.array(z.number()),
  lastApplication: z.number().optional(),
  failedHeals: count,
  gaveUp: z.object({ by: z.enum(["budget", "breaker"]), until: z.number() }).optional(),
  backoffLevel: count,
  notBefore: z.number().optional(),
  probationUntil: z.number().optional(),
  cured: z.boolean().optional(),
  lastTrouble: z.number().optional(),
  lastFailure: z.string().optional(),
  heals: z.object({ ok: count, failed: count }),
};

const schema = z.object(fields);

/** Reads a state out of parsed JSON; undefined for anything else. */
export function parseState(value: unknown): TargetState | undefined {
  const parsed = schema.safeParse(value);
  // The schema has every field of TargetState; its type says `unknown` for each of them.
  return parsed.success ? (parsed.data as unknown as TargetState) : undefined;
}
