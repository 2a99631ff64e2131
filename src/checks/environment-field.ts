import * as z from "zod";

/**
 * Environment variables. Values are text: a number would lose how it was written (1.10, 007). Names of healq's own are
 * refused: HEALQ_INSTANCE marks the processes it started.
 */
export function environmentField() {
  return z.record(
    z.string().regex(/^(?!HEALQ_)[A-Za-z_][A-Za-z0-9_]*$/, {
      error: "is not a variable's name, or is one of healq's own (HEALQ_…)",
    }),
    z
      .string({
        error: (issue) =>
          `is ${JSON.stringify(issue.input)}, but a variable is text; quote it: "${String(issue.input)}"`,
      })
      .regex(/^[^\0]*$/, { error: "may not hold a NUL character" }),
  );
}
