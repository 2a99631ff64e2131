import { type RequestHandler, Router } from "express";
import { type StatusView, statusView } from "../../views/status.ts";
import { fromRedis } from "../bounded.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";

/** What `healq status --json` shows, read now. */
export async function readStatus({ config, reader, clock }: WebContext): Promise<StatusView> {
  const [targets, nodes, pauses] = await fromRedis(
    Promise.all([reader.targets(), reader.nodes(), reader.pauses()]),
  );
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
