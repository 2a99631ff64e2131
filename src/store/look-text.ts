import * as z from "zod";
import { parseJson } from "../lib/parse-json.ts";
import type { LookRecord } from "../model/fleet.ts";
import { processStates } from "../model/process.ts";

const digits = 15;

const lookSchema = z.object({
  at: z.number(),
  status: z.enum(["ok", "warning", "critical", "unknown"]),
  message: z.string(),
  metrics: z.record(z.string(), z.number()),
  durationMs: z.number(),
  findings: z.array(
    z.object({
      symptom: z.string(),
      severity: z.enum(["warning", "critical"]),
      fact: z.boolean(),
      message: z.string(),
      evidence: z.record(z.string(), z.unknown()),
    }),
  ),
  state: z.enum(processStates).optional(),
  pid: z.number().optional(),
});

/** A time as looks begin with it. */
export function timeText(at: number): string {
  return String(Math.max(0, at)).padStart(digits, "0");
}

/** A look as it lies in Redis: its time in 15 digits, then JSON; the script compares the digits. */
export function writeLook(look: LookRecord): string {
  return timeText(look.at) + JSON.stringify(look);
}

/** Reads one; undefined for garbage. */
export function readLook(text: string): LookRecord | undefined {
  return parseJson(lookSchema, text.slice(digits));
}
