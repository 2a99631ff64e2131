import { type RequestHandler, Router } from "express";
import * as z from "zod";
import { HealqError, messageOf } from "../../model/errors.ts";
import type { RequestedHeal } from "../../model/fleet.ts";
import { type HealView, healView, healWithoutResult } from "../../views/heal.ts";
import { parse } from "../body.ts";
import { fromRedis } from "../bounded.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";
import { knownVisitor } from "../visitor.ts";

const body = z.strictObject({
  dryRun: z.boolean().optional(),
  force: z.boolean().optional(),
  reason: z.string().max(1_000).optional(),
  wait: z.boolean().optional(),
});

/**
 * `POST /api/heal/ID`: asks for a heal. 202 with `{job}` at once; with `wait: true` 200 with its result when it has ended,
 * also when it failed (`outcome: "failed"`, with the reason).
 */
export function healRoutes(context: WebContext): Router {
  const heal: RequestHandler<{ id: string }> = async (request, response) => {
    const target = request.params.id;
    const { wait, dryRun, force, reason } = parse(body, request.body);
    await assertKnown([target], context);
    const asked = await fromRedis(
      context.requests.heal({
        target,
        requestedBy: knownVisitor(response).name,
        ...(reason === undefined ? {} : { reason }),
        ...(dryRun === undefined ? {} : { dryRun }),
        ...(force === undefined ? {} : { force }),
      }),
    );
    if (wait === true) response.json(await outcome(target, asked, context));
    else response.status(202).json({ job: asked.job });
  };
  return Router().post("/heal/:id", heal);
}

async function outcome(target: string, asked: RequestedHeal, { clock }: WebContext): Promise<HealView> {
  const from = clock.now();
  try {
    return healView(await asked.result(), asked.job);
  } catch (error) {
    const away = error instanceof HealqError && /unreachable$/.test(error.code);
    return healWithoutResult(target, {
      outcome: away ? "unreachable" : "failed",
      reason: messageOf(error),
      job: asked.job,
      durationMs: clock.now() - from,
    });
  }
}
