import { Router } from "express";
import * as z from "zod";
import { durationPattern, parseDuration } from "../../lib/duration.ts";
import { auditView } from "../../views/audit.ts";
import { parse } from "../body.ts";
import { fromRedis } from "../bounded.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";

const query = z.strictObject({
  since: z
    .union([z.string().regex(durationPattern), z.iso.datetime({ offset: true })], {
      error: "must be a duration such as 1h, or a time such as 2026-11-22T01:00:00Z",
    })
    .optional(),
  target: z.union([z.string(), z.array(z.string()).max(100)]).optional(),
  limit: z.coerce
    .number({ error: "must be a whole number from 1 to 1000" })
    .int()
    .min(1)
    .max(1_000)
    .default(50),
});

/**
 * `GET /api/audit?since=1h&target=ID&limit=50`: the newest entries that match, oldest first, as a JSON array; one object
 * a line for `Accept: application/x-ndjson`.
 */
export function auditRoutes(context: WebContext): Router {
  return Router().get("/audit", async (request, response) => {
    const { since, target, limit } = parse(query, request.query);
    const targets = target === undefined ? undefined : [target].flat();
    if (targets !== undefined) await assertKnown(targets, context);
    const entries = await fromRedis(
      context.reader.audit({
        limit,
        ...(targets === undefined ? {} : { targets }),
        ...(since === undefined ? {} : { since: moment(since, context.clock.now()) }),
      }),
    );
    const views = entries.map(auditView);
    if (request.accepts(["json", "application/x-ndjson"]) !== "application/x-ndjson") response.json(views);
    else
      response.type("application/x-ndjson").send(views.map((view) => `${JSON.stringify(view)}\n`).join(""));
  });
}

/** A time, or a duration before now; in milliseconds since the epoch. */
function moment(text: string, now: number): number {
  const ago = parseDuration(text);
  return ago === undefined ? Date.parse(text) : now - ago;
}
