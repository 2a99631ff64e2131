import { type Response, Router } from "express";
import { HealqError } from "../../model/errors.ts";
import { auditView } from "../../views/audit.ts";
import { incidentView } from "../../views/incident.ts";
import { readStatus } from "../api/status.ts";
import { fromRedis } from "../bounded.ts";
import type { WebContext } from "../options.ts";
import { knownVisitor } from "../visitor.ts";
import type { Html } from "./html.ts";
import { icon } from "./icon.ts";
import { statusScript } from "./script.ts";
import { livePart, type PageContent, problemPart, statusPage } from "./status-page.ts";
import { style } from "./style.ts";

/** Entries of the record on the page. */
const shownEntries = 25;

/** Style, script and icon: the same for everybody, so they need no login. */
export function assetRoutes(): Router {
  const asset = (type: string, text: string) => (_request: unknown, response: Response) => {
    response.set("Cache-Control", "no-cache").type(type).send(text);
  };
  return Router()
    .get("/assets/style.css", asset("css", style))
    .get("/assets/status.js", asset("js", statusScript))
    .get("/assets/icon.svg", asset("svg", icon));
}

/** `/`, the status page, and `/live`, the part of it that is renewed. */
export function pageRoutes(context: WebContext): Router {
  const live = async (response: Response): Promise<Html> => {
    try {
      return livePart(await readContent(context), knownVisitor(response));
    } catch (error) {
      if (error instanceof HealqError && error.code === "unreachable") return problemPart(error.message);
      throw error;
    }
  };
  return Router()
    .get("/", async (_request, response) => {
      const visitor = knownVisitor(response);
      const page = statusPage({ node: context.config.node, visitor, live: await live(response) });
      response.set("Cache-Control", "no-store").type("html").send(page);
    })
    .get("/live", async (_request, response) => {
      const part = await live(response);
      response.set("Cache-Control", "no-store").type("html").send(part.markup);
    });
}

async function readContent(context: WebContext): Promise<PageContent> {
  const { reader } = context;
  const [status, incidents, entries, pauses] = await Promise.all([
    readStatus(context),
    fromRedis(reader.incidents({ open: true })),
    fromRedis(reader.audit({ limit: shownEntries })),
    fromRedis(reader.pauses()),
  ]);
  return { status, incidents: incidents.map(incidentView), record: entries.map(auditView), pauses };
}
