import { exitCodes } from "../model/errors.ts";
import { incidentView } from "../views/incident.ts";
import { reportText, reportView } from "../views/report.ts";
import { statusView } from "../views/status.ts";
import { withClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";

/** What a night is, in milliseconds. */
const night = 12 * 3_600_000;

/** `healq report`: what was fixed since, what needs a person, and what else is not well; 1 when a person is needed. */
export async function runReport(context: CommandContext, options: { since?: number }): Promise<number> {
  const { config } = await configAtHand(context);
  const now = Date.now();
  const view = await withClient(config, async ({ reader }) => {
    const [targets, nodes, pauses, incidents] = await Promise.all([
      reader.targets(),
      reader.nodes(),
      reader.pauses(),
      reader.incidents({}),
    ]);
    const status = statusView(config, { targets, nodes, pauses, now, source: "redis" });
    return reportView(status, incidents.map(incidentView), { since: options.since ?? now - night });
  });
  if (context.json) context.terminal.json(view);
  else context.terminal.out(reportText(view));
  return view.failed.length > 0 ? exitCodes.bad : exitCodes.ok;
}
