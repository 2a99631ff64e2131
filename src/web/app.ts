import express, { type Express, Router } from "express";
import { healthz } from "./api/healthz.ts";
import { apiRoutes } from "./api/routes.ts";
import { boardPath, boardRoutes } from "./board.ts";
import { jsonBody } from "./body.ts";
import type { Door } from "./door.ts";
import { errorHandler, notFound } from "./errors.ts";
import type { EventHub } from "./events.ts";
import { loginRoutes } from "./login.ts";
import type { WebContext } from "./options.ts";
import { hostGuard, originGuard } from "./origin.ts";
import { assetRoutes, pageRoutes } from "./page/routes.ts";
import { requireLogin } from "./roles.ts";
import { securityHeaders } from "./security-headers.ts";
import { createThrottle } from "./throttle.ts";

/** All paths, in the order they are asked: what needs no login, the login, what changes something from a browser, the rest. */
export function createApp(context: WebContext, parts: { door: Door; events: EventHub }): Express {
  const throttle = createThrottle(context.clock);
  const app = express();
  // A proxy on this machine may say who asks and whether it was https; nobody else is believed.
  app.set("trust proxy", "loopback");
  app.use(securityHeaders(), hostGuard(context.host));
  app.get("/healthz", healthz(context));
  app.use(assetRoutes(), loginRoutes(parts.door, throttle));
  app.use(behindLogin(context, parts, requireLogin(parts.door, throttle)));
  app.use(notFound, errorHandler(context.log));
  return app;
}

function behindLogin(
  context: WebContext,
  { door, events }: { door: Door; events: EventHub },
  login: ReturnType<typeof requireLogin>,
): Router {
  const router = Router();
  router.use(login, originGuard, ...jsonBody());
  router.use("/api", apiRoutes(context, events));
  router.use(boardPath, boardRoutes(context, door));
  router.use(pageRoutes(context));
  return router;
}
