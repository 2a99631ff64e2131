import { type RequestHandler, Router } from "express";
import * as z from "zod";
import { parse } from "../body.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";
import { readStatus } from "./status.ts";

const body = z.strictObject({});

/** `POST /api/check/ID`: looks now; answers with the target as `GET /api/targets/ID` shows it after the look. */
export function checkRoutes(context: WebContext): Router {
  const check: RequestHandler<{ id: string }> = async (request, response) => {
    const { id } = request.params;
    parse(body, request.body);
    await assertKnown([id], context);
    await context.requests.check([id]);
    const { targets } = await readStatus(context);
    response.json(targets.find((target) => target.id === id));
  };
  return Router().post("/check/:id", check);
}
