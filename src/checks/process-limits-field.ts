import * as z from "zod";
import { duration, size } from "../lib/fields.ts";

/** A share of one core, which may be more than one: `90%`, `250%`; parsed to a number, 1 being all of one core. */
function coresField() {
  return z
    .string({ error: "is a share of one core: 90%, or 250% for two and a half" })
    .regex(/^\d{1,5}(?:\.\d+)?%$/, { error: "is a share of one core: 90%, or 250% for two and a half" })
    .transform((text) => Number(text.slice(0, -1)) / 100)
    .refine((cores) => cores > 0, { error: "must be more than 0%" });
}

/** `limits: { memory, cpu, for }` of a process and all that it started. */
export function limitsField() {
  return z
    .strictObject({
      memory: size()
        .optional()
        .describe("It may use this much memory, with all that it started: 500MB, 2GiB."),
      cpu: coresField()
        .optional()
        .describe("It may use this share of one core, with all that it started: 90%, 250%."),
      for: duration()
        .prefault("1m")
        .describe("A fault only when it has been over for this long. Default: 1m."),
    })
    .refine(({ memory, cpu }) => memory !== undefined || cpu !== undefined, { error: "needs memory or cpu" })
    .optional()
    .describe("What it may use together with all that it started; over it for too long it is cured.");
}
