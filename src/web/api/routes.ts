import { Router } from "express";
import { notFound } from "../errors.ts";
import type { EventHub } from "../events.ts";
import type { WebContext } from "../options.ts";
import { isHarmless } from "../origin.ts";
import { requireOperator } from "../roles.ts";
import { auditRoutes } from "./audit.ts";
import { checkRoutes } from "./check.ts";
import { healRoutes } from "./heal.ts";
import { incidentRoutes } from "./incidents.ts";
import { pauseRoutes } from "./pause.ts";
import { statusRoutes } from "./status.ts";
import { wishRoutes } from "./wish.ts";

/** Everything under `/api`, behind the login. Reading is for all, anything else for operators. */
export function apiRoutes(context: WebContext, events: EventHub): Router {
  const router = Router();
  router.use((request, response, next) => {
    response.set("Cache-Control", "no-store");
    return isHarmless(request.method) ? next() : requireOperator(request, response, next);
  });
  router.use(statusRoutes(context), auditRoutes(context), incidentRoutes(context));
  router.get("/events", (request, response) => events.serve(request, response));
  router.use(healRoutes(context), checkRoutes(context), wishRoutes(context), pauseRoutes(context));
  router.use(notFound);
  return router;
}
