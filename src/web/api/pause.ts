import { Router } from "express";
import * as z from "zod";
import { duration } from "../../lib/fields.ts";
import { iso } from "../../views/time.ts";
import { parse } from "../body.ts";
import { fromRedis } from "../bounded.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";
import { knownVisitor } from "../visitor.ts";

/** An empty list means nothing, never everything: who means everything leaves it out. */
const targets = z
  .array(z.string())
  .min(1, { error: "must name at least one target; leave it out for everything" })
  .max(1_000)
  .optional();
const pauseBody = z.strictObject({
  targets,
  for: duration().optional(),
  reason: z.string().max(1_000).optional(),
});
const resumeBody = z.strictObject({ targets });

/** `POST /api/pause {targets?, for?, reason?}` and `POST /api/resume {targets?}`; without targets the kill switch. */
export function pauseRoutes(context: WebContext): Router {
  const { requests, clock } = context;
  return Router()
    .post("/pause", async (request, response) => {
      const asked = parse(pauseBody, request.body);
      const by = knownVisitor(response).name;
      await assertKnown(asked.targets ?? [], context);
      const until = asked.for === undefined ? undefined : clock.now() + asked.for;
      const reason = asked.reason ?? "";
      await fromRedis(
        requests.pause({
          targets: asked.targets ?? [],
          reason,
          by,
          ...(until === undefined ? {} : { until }),
        }),
      );
      response.json({ paused: asked.targets ?? "everything", reason, until: iso(until) });
    })
    .post("/resume", async (request, response) => {
      const asked = parse(resumeBody, request.body);
      await assertKnown(asked.targets ?? [], context);
      await fromRedis(requests.resume({ targets: asked.targets ?? [], by: knownVisitor(response).name }));
      response.json({ resumed: asked.targets ?? "everything" });
    });
}
