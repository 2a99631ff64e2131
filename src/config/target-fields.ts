import * as z from "zod";
import { badId, duration, id, idPattern } from "../lib/fields.ts";
import { cronPattern } from "./cron.ts";

/** A duration of more than nothing. */
function positive() {
  return duration().refine((ms) => ms > 0, { error: "must be more than 0" });
}

/** A duration that a timer waits for. Longer than a day is a slip of the pen, and 25 days overflow a timer. */
function timer() {
  return positive().refine((ms) => ms <= 86_400_000, { error: "is longer than a day" });
}

function count(highest: number) {
  return z.int().min(1).max(highest);
}

/** A node's name, or `any`. */
function nodeName() {
  return z.string().superRefine((name, context) => {
    if (name !== "any" && !idPattern.test(name)) context.addIssue({ code: "custom", message: badId(name) });
  });
}

const failAfter = z
  .strictObject({
    count: count(100).describe("How many bad looks"),
    of: count(100).describe("Of the last how many"),
  })
  .refine((value) => value.count <= value.of, { path: ["count"], error: "must not be more than `of`" });

/** What `defaults` may set and every target may override (contract §3); all durations are parsed to milliseconds. */
export const overridable = {
  every: duration()
    .refine((ms) => ms >= 1_000 && ms % 1_000 === 0, { error: "must be whole seconds, at least 1s" })
    .describe("Look every so often, in whole seconds from 1s (default 10s)"),
  cron: cronPattern().describe(
    'Look at these times instead of `every`, e.g. "0 2 * * *"; in the `timezone` of the file',
  ),
  timeout: timer().describe("Of one look (default 3s)"),
  failAfter: z
    .union([count(100), failAfter])
    .describe(
      "Bad looks in a row before an incident opens, or { count, of } (default 1); a fact counts at once",
    ),
  recoverAfter: count(1_000).describe("Ok looks in a row before an incident may be resolved (default 1)"),
  probation: duration().describe(
    "After a verified cure: trouble before its end continues the incident (default 10s)",
  ),
  attempts: count(100).describe("Applications on the last rung of a ladder (default 3)"),
  backoff: z
    .strictObject({
      delay: duration().optional().describe("Before the second application (default 1s)"),
      max: duration().optional().describe("The longest delay (default 60s)"),
      jitter: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe("Share of a delay that is random, from 0 to 1 (default 0.2)"),
    })
    .describe("Exponential: the first cure comes at once, the next ones wait"),
  budget: z
    .strictObject({
      max: count(10_000).optional().describe("Applications (default 5)"),
      per: positive().optional().describe("In this time (default 5m)"),
    })
    .describe("How many applications a target may have"),
  breaker: z
    .strictObject({
      failures: count(1_000).optional().describe("Failed heals that open it (default 3)"),
      cooldown: positive().optional().describe("Then one heal with one application is tried (default 5m)"),
      reset: positive().optional().describe("All is forgotten after this long without trouble (default 1h)"),
    })
    .describe("Gives up on a target whose heals fail"),
  verify: z
    .strictObject({ within: timer().optional().describe("A cure must show by then (default 30s)") })
    .describe("How a cure is verified"),
  mode: z
    .enum(["auto", "dry-run", "observe"])
    .describe("auto heals, dry-run says what it would do, observe only looks and alerts (default auto)"),
};

/** What every target has of its own beside the fields of its kind; `kind` and `heal` are read elsewhere. */
export const targetOnly = {
  on: z
    .union([nodeName(), z.array(id()).min(1)])
    .describe(
      "Which node looks: a name, a list of names, or `any` (network kinds only); default: the node that reads the file",
    ),
  needs: z.array(id()).describe("Targets that must be ok or warning before this one is healed"),
  critical: z.boolean().describe("Alerts about it are CRITICAL (default false)"),
};

/** Names of the fields that all kinds have. */
export const commonNames: readonly string[] = [
  "kind",
  "heal",
  ...Object.keys(targetOnly),
  ...Object.keys(overridable),
];

/** The fields of `defaults` or of a target, parsed; undefined where not given or wrong. */
export type Overrides = {
  readonly [K in keyof typeof overridable]?: z.output<(typeof overridable)[K]> | undefined;
};

/** A target's own common fields, parsed. */
export type OwnFields = {
  readonly [K in keyof typeof targetOnly]?: z.output<(typeof targetOnly)[K]> | undefined;
};
