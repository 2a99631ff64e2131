import { exitCodes, UsageError } from "../model/errors.ts";
import { incidentsView, incidentTimelineView } from "../views/incident.ts";
import { incidentTable, incidentText } from "../views/incident-table.ts";
import { withClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";

/** `healq incidents`: all that are kept, oldest first. */
export async function runIncidents(context: CommandContext, options: { open?: boolean }): Promise<number> {
  const { config } = await configAtHand(context);
  const incidents = await withClient(config, ({ reader }) => reader.incidents(options));
  const view = incidentsView(config.node, incidents);
  if (context.json) context.terminal.json(view);
  else context.terminal.out(incidentTable(view.incidents, { ...context.terminal.style(), now: Date.now() }));
  return exitCodes.ok;
}

/** `healq incident ID`: one incident with its timeline. */
export async function runIncident(context: CommandContext, id: string): Promise<number> {
  const { config } = await configAtHand(context);
  const found = await withClient(config, ({ reader }) => reader.incident(id));
  if (found === undefined)
    throw new UsageError(`there is no incident "${id}"; \`healq incidents\` lists all`);
  const view = incidentTimelineView(found.incident, found.timeline);
  if (context.json) context.terminal.json(view);
  else context.terminal.out(incidentText(view, { ...context.terminal.style(), now: Date.now() }));
  return exitCodes.ok;
}
