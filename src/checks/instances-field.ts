import * as z from "zod";

/** The field `instances` of a process target. */
export function instancesField() {
  return z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      "With run: so many copies are kept running, each with its number in INSTANCE and a log of its own (logs/ID.log, logs/ID@2.log …), and the same program started by somebody else is reported. With match: so many must be found, children of a process that matches not counted. Default: one, and nobody else is looked for.",
    );
}
