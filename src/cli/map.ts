import { exitCodes, UsageError } from "../model/errors.ts";
import { mapView } from "../views/map.ts";
import { mapMermaid } from "../views/map-mermaid.ts";
import { mapTree } from "../views/map-tree.ts";
import type { CommandContext } from "./context.ts";
import { configOf } from "./load-config.ts";

/** `healq map`: who needs whom and who produces what, by the config alone: needs neither Redis nor a running healq. */
export async function runMap(context: CommandContext, options: { mermaid?: boolean }): Promise<number> {
  const { terminal, json } = context;
  if (json && options.mermaid === true) throw new UsageError("`map` prints --json or --mermaid, not both");
  const view = mapView(await configOf(context));
  if (json) terminal.json(view);
  else terminal.out(options.mermaid === true ? mapMermaid(view) : mapTree(view, terminal.style()));
  return exitCodes.ok;
}
