import { type RequestHandler, Router } from "express";
import { UnreachableError } from "../../model/errors.ts";
import { readLocalStatus } from "../../views/local-status.ts";
import { type StatusView, statusView } from "../../views/status.ts";
import { fromRedis } from "../bounded.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";

/** What `healq status --json` shows, read now; from `status.json` while Redis is away or takes nothing, as `source` says. */
export async function readStatus(context: WebContext): Promise<StatusView> {
  try {
    return await fromRedis(askRedis(context));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const local = await readLocalStatus(context.config, context.clock.now());
    if (local === undefined) throw error;
    return local.view;
  }
}

async function askRedis({ config, reader, clock, health }: WebContext): Promise<StatusView> {
  const [targets, nodes, pauses, { redis, reason }] = await Promise.all([
    reader.targets(),
    reader.nodes(),
    reader.pauses(),
    health(),
  ]);
  // healq looks and heals here all the same, and cannot tell Redis: what that says is of the past.
  if (redis !== "ok") throw new UnreachableError(reason ?? "Redis cannot be reached");
  return statusView(config, { targets, nodes, pauses, now: clock.now(), source: "redis" });
}

/** `GET /api/status`, and `GET /api/targets/ID` for one of its targets. */
export function statusRoutes(context: WebContext): Router {
  const one: RequestHandler<{ id: string }> = async (request, response) => {
    const { id } = request.params;
    await assertKnown([id], context);
    const { targets } = await readStatus(context);
    // A target of several nodes: the first is the one of the node that was asked.
    response.json(targets.find((target) => target.id === id));
  };
  return Router()
    .get("/status", async (_request, response) => {
      response.json(await readStatus(context));
    })
    .get("/targets/:id", one);
}
