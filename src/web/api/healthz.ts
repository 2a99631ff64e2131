import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../../model/errors.ts";
import { fromRedis } from "../bounded.ts";
import type { HealthReport, WebContext } from "../options.ts";
import { sendJson } from "../plain.ts";

/**
 * `GET /healthz`: 200 when healq itself is well, else 503; the one path without a login. It answers also when Redis does not.
 * Needs nothing of Express: see `createFront`.
 */
export function healthz(
  context: WebContext,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const report = await fromRedis(context.health()).catch((error: unknown): HealthReport => {
      context.log.warn({ reason: messageOf(error) }, "healq cannot tell how it is");
      return { status: "critical", redis: "unreachable", scheduler: "stalled", pausedQueues: [] };
    });
    sendJson(response, { status: report.status === "ok" ? 200 : 503, body: report, to: request });
  };
}
