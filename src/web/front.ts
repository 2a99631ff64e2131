import type { IncomingMessage, RequestListener } from "node:http";
import { messageOf } from "../model/errors.ts";
import { healthz } from "./api/healthz.ts";
import type { WebContext } from "./options.ts";
import { isServed } from "./origin.ts";
import { asksPing, pings } from "./ping.ts";
import { sendJson } from "./plain.ts";

/**
 * What hears every request first. Monitors that ask `/healthz` and programs that call `/ping` are answered here; anything else is for the app, which `load` brings
 * when it is first asked for: Express and Bull Board take 20 MB, and most nodes never show a page to anybody.
 */
export function createFront(context: WebContext, load: () => Promise<RequestListener>): RequestListener {
  const health = healthz(context);
  const ping = pings(context);
  let app: Promise<RequestListener> | undefined;
  return async (request, response) => {
    if (isServed(request.headers.host, context.host)) {
      if (asksHealth(request)) return health(request, response);
      if (asksPing(request)) return ping(request, response);
    }
    app ??= load();
    const serve = await app.catch((error: unknown) => {
      // The next request tries again.
      app = undefined;
      context.log.error({ err: error }, `the page and the API cannot be loaded: ${messageOf(error)}`);
    });
    if (serve !== undefined) return serve(request, response);
    const message = "the page cannot be loaded; were healq's files replaced since it started? restart it";
    sendJson(response, { status: 503, body: { error: { code: "not-loaded", message } }, to: request });
  };
}

function asksHealth({ method, url }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && url?.split("?", 1)[0] === "/healthz";
}
