import type { JobsOptions } from "bullmq";
import * as z from "zod";
import { catalogue, openHealRun, type Payloads } from "../queues/catalogue.ts";
import { openHealQueue } from "../queues/names.ts";

/** The name that Bull Board sends when the field is left empty. */
const unnamed = ["", "__default__"];

const day = 86_400_000;

const request = z.strictObject({
  name: z.string().optional(),
  data: openHealRun,
  options: z
    .strictObject(
      {
        delay: z
          .int()
          .min(0)
          .max(7 * day)
          .optional(),
        priority: z.int().min(0).max(1_000).optional(),
        lifo: z.boolean().optional(),
      },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys" ? "only delay, priority and lifo can be set" : undefined,
      },
    )
    .optional(),
});

/** A job that a person adds in Bull Board, as it is handed to BullMQ; or why it is refused. */
type AddedJob =
  | { readonly job: { name: "heal:run"; data: Payloads["heal:run"]; options: JobsOptions } }
  | { readonly refusal: string };

/**
 * Only `heal:run` on the queue `heal` may be added, where the payload is a target and no command. Who asked is who is
 * signed in, whatever the payload says.
 */
export function checkAdded(added: { queue: string; body: unknown; by: string }): AddedJob {
  if (added.queue !== openHealQueue.name) {
    return {
      refusal: `jobs are added on the queue ${openHealQueue.name}, which forwards them to the right node`,
    };
  }
  const parsed = request.safeParse(added.body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "the job"}: ${message}`,
    );
    return { refusal: `${problems.join("; ")}; the data looks like {"target": "ID"}` };
  }
  const { name, data, options } = parsed.data;
  if (name !== undefined && name !== "heal:run" && !unnamed.includes(name)) {
    return { refusal: `the job name is heal:run, not ${JSON.stringify(name.slice(0, 64))}` };
  }
  const kept = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
  return {
    job: {
      name: "heal:run",
      data: { ...data, requestedBy: added.by },
      options: { ...catalogue["heal:run"].options, ...kept },
    },
  };
}
