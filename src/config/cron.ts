import { validate } from "node-cron";
import * as z from "zod";

/** The fields of a pattern with the highest value each may have, from the last to the first; seconds may be left out. */
const fields: readonly (readonly [name: string, highest: number])[] = [
  ["weekday", 7],
  ["month", 12],
  ["day of month", 31],
  ["hour", 23],
  ["minute", 59],
  ["second", 59],
];

/** Why a cron pattern is none, or undefined. node-cron lets a step through that is never reached: one of 90 minutes. */
function cronFault(pattern: string): string | undefined {
  if (!validate(pattern))
    return `"${pattern}" is no cron pattern: minute hour day month weekday, as in "0 2 * * *"`;
  const parts = pattern.trim().split(/\s+/).reverse();
  for (const [index, part] of parts.entries()) {
    const [name, highest] = fields[index] ?? ["", 0];
    for (const [, step] of part.matchAll(/\/(\d+)/g)) {
      if (Number(step) > highest)
        return `the step /${step} is larger than the ${name} field (at most ${highest})`;
    }
  }
  return undefined;
}

/** A cron pattern of five fields, or six with seconds first. */
export function cronPattern() {
  return z.string().superRefine((pattern, context) => {
    const fault = cronFault(pattern);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
}

/** A time zone by its IANA name: `UTC`, `Europe/Berlin`. */
export function timezone() {
  return z
    .string()
    .refine(isTimezone, { error: 'is no time zone; write an IANA name such as "UTC" or "Europe/Berlin"' });
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
