import type { RequestHandler } from "express";
import { messageOf } from "../../model/errors.ts";
import { fromRedis } from "../bounded.ts";
import type { HealthReport, WebContext } from "../options.ts";

/** `GET /healthz`: 200 when healq itself is well, else 503; the one path without a login. It answers also when Redis does not. */
export function healthz(context: WebContext): RequestHandler {
  return async (_request, response) => {
    const report = await fromRedis(context.health()).catch((error: unknown): HealthReport => {
      context.log.warn({ reason: messageOf(error) }, "healq cannot tell how it is");
      return { status: "critical", redis: "unreachable", scheduler: "stalled", pausedQueues: [] };
    });
    response.set("Cache-Control", "no-store");
    response.status(report.status === "ok" ? 200 : 503).json(report);
  };
}
