import * as z from "zod";
import { exact } from "../lib/exact.ts";
import type { LogPlace } from "../model/ports.ts";

/** A place in a log, as it is kept and as the helper process says it. */
export const logPlace = z
  .object({
    file: z.string(),
    offset: z.number(),
    before: z.string().optional(),
    midLine: z.boolean().optional(),
  })
  .transform((given): LogPlace => exact(given));

/** What the helper process answers when it is asked for the lines of a log. */
export const linesAnswer = z.object({
  place: logPlace,
  matches: z.array(
    z.object({ name: z.string(), line: z.string(), captures: z.record(z.string(), z.string()) }),
  ),
  counts: z.record(z.string(), z.number()),
  behind: z.number(),
  skipped: z.number(),
  slow: z.array(z.string()),
});
