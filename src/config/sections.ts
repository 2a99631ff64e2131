import * as z from "zod";
import { duration, id, share } from "../lib/fields.ts";
import { timezone } from "./cron.ts";
import { redisUrl } from "./redis-url.ts";

const heals = z
  .strictObject({
    max: z.int().min(1).max(1_000_000).default(60).describe("Applications (default 60)"),
    per: duration()
      .refine((ms) => ms > 0, { error: "must be more than 0" })
      .prefault("1m")
      .describe("In this time (default 1m)"),
  })
  .describe("Applications per node; a person's own request is not counted");

const limits = z
  .strictObject({
    heals: heals.prefault({}),
    concurrency: z
      .int()
      .min(1)
      .max(1_000)
      .default(16)
      .describe("Remedies being applied at once (default 16)"),
    maxUnhealthy: share()
      .prefault("50%")
      .describe(
        "Above this share of bad targets (of at least 5) inferred faults are not healed (default 50%)",
      ),
  })
  .describe("Blast radius, per node");

const token = z.strictObject({
  name: id().describe("Who it is, for the audit"),
  token: z
    .string()
    .min(16)
    .regex(/^[\x21-\x7e]+$/, { error: "may have only printable ASCII characters without blanks" })
    .describe("The secret, of at least 16 characters; better taken from an environment variable"),
  role: z.enum(["viewer", "operator"]).describe("A viewer only reads"),
});

const web = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1").describe("Address to listen on (default 127.0.0.1)"),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3210)
      .describe("Port to listen on; 0 takes a free one (default 3210)"),
    tokens: z.array(token).default([]).describe("Logins beside the one made at the first start"),
  })
  .superRefine((value, context) => {
    for (const key of ["name", "token"] as const) {
      const seen = new Set<string>();
      for (const [index, entry] of value.tokens.entries()) {
        if (seen.has(entry[key]))
          context.addIssue({
            code: "custom",
            path: ["tokens", index, key],
            message: `another entry has the same ${key}`,
          });
        seen.add(entry[key]);
      }
    }
  })
  .describe("Status page, API and Bull Board");

/** The top-level keys of the file whose form does not depend on what is registered; all may be left out. */
export const sections = {
  node: id().describe("Name of this node (default: the hostname); HEALQ_NODE overrides it"),
  redis: redisUrl().describe(
    "redis://, rediss:// or unix:///path of a Redis; without it healq runs a private one",
  ),
  stateDir: z
    .string()
    .min(1)
    .describe("Folder for all that healq keeps, relative to the file (default .healq)"),
  timezone: timezone().describe("Of `cron:` schedules (default UTC)"),
  limits,
  web,
};

/** All top-level keys. */
export const topLevel: readonly string[] = [...Object.keys(sections), "defaults", "alerts", "targets"];

/** What holds where a section is left out. */
export const emptySections = { limits: limits.parse({}), web: web.parse({}) };
