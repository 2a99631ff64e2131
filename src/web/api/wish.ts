import { type RequestHandler, Router } from "express";
import * as z from "zod";
import { parse } from "../body.ts";
import { assertKnown } from "../known-target.ts";
import type { WebContext } from "../options.ts";
import { knownVisitor } from "../visitor.ts";

const body = z.strictObject({
  wish: z.enum(["start", "stop", "restart"], { error: "must be start, stop or restart" }),
});

/** `POST /api/wish/ID {wish}`: what a person wants of a process; answers when it is done, with what was done. */
export function wishRoutes(context: WebContext): Router {
  const wish: RequestHandler<{ id: string }> = async (request, response) => {
    const target = request.params.id;
    const wanted = parse(body, request.body).wish;
    await assertKnown([target], context);
    const done = await context.requests.wish(target, wanted, knownVisitor(response).name);
    response.json({ target, wish: wanted, result: done });
  };
  return Router().post("/wish/:id", wish);
}
