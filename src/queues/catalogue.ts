import type { DefaultJobOptions } from "bullmq";
import * as z from "zod";

const id = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, "is not an id");
const text = z.string().max(1_000);
/** Of an alert's message more than this would help nobody. */
export const longestMessage = 10_000;
const version = z.literal(1).optional().describe("schema version of the payload; missing means 1");

const day = 24 * 60 * 60;
const keepHeals = { age: 30 * day, count: 10_000 };
const keepChecks = { age: 60 * 60, count: 1_000 };

/** At most so many targets in one check job. */
export const targetsPerCheck = 100;

/** `check:run`: one look at each of these targets. */
export const checkRun = z.strictObject({
  v: version,
  targets: z.array(id).min(1).max(targetsPerCheck),
  tick: z.number().optional().describe("the slot it was scheduled for, in milliseconds since the epoch"),
  trigger: z.enum(["cron", "manual", "event"]),
});

/** At most so many lines of a log in one request. */
export const mostLines = 100_000;

/** `logs:read`: the end of what a process wrote, for a person on another node. The answer lies apart, for seconds. */
export const logsRead = z.strictObject({
  v: version,
  target: id,
  lines: z.int().min(0).max(mostLines),
  after: z
    .strictObject({ offset: z.int().min(0), file: z.string().max(100) })
    .optional()
    .describe("only what came after this place"),
  follow: z.boolean().optional().describe("a last line without an end is held back until it has one"),
});

/** `heal:run` on a node's own queue. */
export const healRun = z.strictObject({
  v: version,
  target: id,
  symptom: text.optional(),
  incident: text.optional(),
  reason: text.optional(),
  requestedBy: text.optional().describe("absent for automatic heals"),
  dryRun: z.boolean().optional(),
  force: z.boolean().optional(),
  onBehalfOf: id.optional().describe("the target whose cure asks for this one (a stale file's producer)"),
});

/** `heal:run` on the queue `heal`, where anyone may ask. */
export const openHealRun = z.strictObject({
  v: version,
  target: id,
  reason: text.optional(),
  requestedBy: text.optional(),
  dryRun: z.boolean().optional(),
});

/** `target:wish`: what a person wants of a process. */
export const targetWish = z.strictObject({
  v: version,
  target: id,
  wish: z.enum(["start", "stop", "restart"]),
  requestedBy: text.optional(),
});

/** `alert:send`: one alert over one declared channel. */
export const alertSend = z.strictObject({
  v: version,
  channel: id,
  alert: z.strictObject({
    node: text,
    target: text,
    event: text,
    severity: z.enum(["info", "warning", "critical"]),
    critical: z.boolean(),
    message: z.string().max(longestMessage),
    incident: text.optional(),
    at: z.number(),
  }),
});

/** The payloads by job. */
export interface Payloads {
  "check:run": z.infer<typeof checkRun>;
  "logs:read": z.infer<typeof logsRead>;
  "heal:run": z.infer<typeof healRun>;
  "target:wish": z.infer<typeof targetWish>;
  "alert:send": z.infer<typeof alertSend>;
}

export type JobName = keyof Payloads;

/** What every job of a name has: its payload's schema, how long it is kept, and how a person reads its name. */
export const catalogue: {
  readonly [Name in JobName]: {
    readonly schema: z.ZodType<Payloads[Name]>;
    readonly options: DefaultJobOptions;
    readonly title: (data: Payloads[Name]) => string;
  };
} = {
  "check:run": {
    schema: checkRun,
    options: { removeOnComplete: keepChecks, removeOnFail: keepChecks },
    title: ({ targets }) => `look ▸ ${targets.length === 1 ? targets[0] : `${targets.length} targets`}`,
  },
  "logs:read": {
    schema: logsRead,
    options: { removeOnComplete: true, removeOnFail: true },
    title: ({ target }) => `logs ▸ ${target}`,
  },
  "heal:run": {
    schema: healRun,
    options: { removeOnComplete: keepHeals, removeOnFail: keepHeals },
    title: ({ target, dryRun }) => `${dryRun === true ? "plan" : "heal"} ▸ ${target}`,
  },
  "target:wish": {
    schema: targetWish,
    options: { removeOnComplete: keepHeals, removeOnFail: keepHeals },
    title: ({ target, wish }) => `${wish} ▸ ${target}`,
  },
  "alert:send": {
    schema: alertSend,
    options: {
      // For four minutes: a chat service that is being upgraded must not swallow the call.
      attempts: 8,
      backoff: { type: "exponential", delay: 2_000 },
      removeOnComplete: keepHeals,
      removeOnFail: keepHeals,
    },
    title: ({ channel, alert }) => `${alert.event} ▸ ${alert.target} ▸ ${channel}`,
  },
};

/** Of a payload with many faults the first few are named, in so many letters: it may have been made to fill the log. */
const problemsShown = 5;
const longest = 500;

/** Checks a payload. The problem says which field is wrong and how; nothing of an unknown payload is run. */
export function parsePayload<T>(
  schema: z.ZodType<T>,
  data: unknown,
): { ok: true; data: T } | { ok: false; problem: string } {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { ok: true, data: parsed.data };
  const problem = parsed.error.issues
    .slice(0, problemsShown)
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message))
    .join("; ");
  return { ok: false, problem: problem.length > longest ? `${problem.slice(0, longest)}…` : problem };
}
