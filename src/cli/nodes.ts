import { exitCodes } from "../model/errors.ts";
import { nodeView } from "../views/node.ts";
import { nodeTable } from "../views/node-table.ts";
import { withClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";

/** `healq nodes`: the fleet; 1 when a node is not alive. */
export async function runNodes(context: CommandContext): Promise<number> {
  const { config } = await configAtHand(context);
  const views = (await withClient(config, ({ reader }) => reader.nodes())).map(nodeView);
  if (context.json) context.terminal.json({ node: config.node, nodes: views });
  else context.terminal.out(nodeTable(views, { ...context.terminal.style(), now: Date.now() }));
  return views.every((view) => view.alive) ? exitCodes.ok : exitCodes.bad;
}
