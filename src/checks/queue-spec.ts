import * as z from "zod";
import { duration, id } from "../lib/fields.ts";
import { messageOf } from "../model/errors.ts";
import { addressOf } from "../system/redis-source.ts";

/** A part of BullMQ's keys; its own separator would make them another queue's. */
const queueName = z.string().regex(/^[^:\s]+$/, { error: "may not be empty or have a colon or a blank" });

/** The fields of a `queue` target. */
export const queueSchema = z.strictObject({
  redis: z
    .string()
    .superRefine((url, context) => {
      const fault = faultOf(url);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    })
    .describe(
      "The Redis that the queue is in: `redis://user:password@host:6379/0`, `rediss://` or `unix:///path`. It is never guessed, and healq's own is not assumed.",
    ),
  queue: queueName.describe("The queue's name, as its program gives it to BullMQ."),
  prefix: z
    .string()
    .regex(/^\S+$/, { error: "may not be empty or have a blank" })
    .default("bull")
    .describe("The `prefix` option of that program. Default: bull."),
  waiting: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      "At most so many jobs may wait: waiting, prioritized, and delayed ones that are due. Default: any number.",
    ),
  oldest: duration()
    .optional()
    .describe("A job may wait for so long, from when it could have run. Default: for ever."),
  failed: z
    .strictObject({
      max: z.int().nonnegative().describe("At most so many."),
      per: duration().describe("In so long, until now."),
    })
    .optional()
    .describe(
      "How many jobs may fail for good: `{ max: 10, per: 5m }`. Jobs that are removed when they fail are not seen. Default: any number.",
    ),
  stalled: duration()
    .prefault("1m")
    .describe(
      "An active job may be without its lock for so long: its worker died or hangs, and no other one took it over. Default: 1m.",
    ),
  workers: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      "At least so many workers must be connected; 0: none are counted. Default: one, but only while jobs wait and none is worked on.",
    ),
  target: id().optional().describe("The target that works the queue off, and is healed when it does not."),
});

/** As parsed. */
export type QueueSpec = z.output<typeof queueSchema>;

/** The spec of a target that is known to be of the kind `queue`. */
export function queueSpecOf(spec: unknown): QueueSpec {
  // The config gives a target of a kind only what the schema of that kind parsed.
  return spec as QueueSpec;
}

/** The queue for messages, as BullMQ's keys begin. */
export function shownQueue({ prefix, queue }: Pick<QueueSpec, "prefix" | "queue">): string {
  return `${prefix}:${queue}`;
}

/** It never shows the URL: it may hold a password. */
function faultOf(url: string): string | undefined {
  try {
    addressOf({ url });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
