import { Router } from "express";
import * as z from "zod";
import { incidentsView } from "../../views/incident.ts";
import { parse } from "../body.ts";
import { fromRedis } from "../bounded.ts";
import type { WebContext } from "../options.ts";

const query = z.strictObject({ open: z.enum(["1", "0"], { error: "must be 1 or 0" }).optional() });

/** `GET /api/incidents`, oldest first; with `?open=1` only those that are not resolved. */
export function incidentRoutes({ config, reader }: WebContext): Router {
  return Router().get("/incidents", async (request, response) => {
    const { open } = parse(query, request.query);
    const incidents = await fromRedis(reader.incidents({ open: open === "1" }));
    response.json(incidentsView(config.node, incidents));
  });
}
