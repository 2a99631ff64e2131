import * as z from "zod";
import { parseJson } from "../lib/parse-json.ts";
import type { Incident } from "../model/incident.ts";

const schema = z.object({
  id: z.string(),
  target: z.string(),
  node: z.string(),
  symptom: z.string(),
  severity: z.enum(["warning", "critical"]),
  reason: z.string(),
  state: z.enum(["open", "gave-up", "resolved"]),
  openedAt: z.number(),
  resolvedAt: z.number().optional(),
  cured: z.boolean().optional(),
});

/** Reads an incident of the hash; undefined when there is none, or garbage. */
export function parseIncident(text: string | null | undefined): Incident | undefined {
  return parseJson(schema, text);
}
