import type { Config } from "../model/config.ts";
import { UnreachableError } from "../model/errors.ts";
import { statusView } from "../views/status.ts";
import { statusTable } from "../views/status-table.ts";
import { type FleetClient, openClient, withClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { only, type ShownStatus, statusCode } from "./shown-status.ts";
import { localStatus } from "./status-local.ts";
import { requireKnown } from "./targets.ts";
import { watchStatus } from "./watch.ts";

/** `healq status`: 1 when any target shown is critical or unknown; 3 when neither Redis nor status.json tells. */
export async function runStatus(
  context: CommandContext,
  names: readonly string[],
  options: { watch?: boolean },
): Promise<number> {
  const { config } = await configAtHand(context);
  if (options.watch === true) return watchStatus(context, statusReader(config, names));
  const shown = await readStatus(config, names);
  printStatus(context, shown);
  return statusCode(shown.view);
}

function printStatus({ terminal, json }: CommandContext, { view, pauses, note }: ShownStatus): void {
  if (note !== undefined) terminal.note(note);
  if (json) terminal.json(view);
  else terminal.out(statusTable(view, { ...terminal.style(), pauses }));
}

async function readStatus(config: Config, names: readonly string[]): Promise<ShownStatus> {
  try {
    return await withClient(config, (client) => fromRedis(client, config, names));
  } catch (error) {
    if (error instanceof UnreachableError) return localStatus(config, names, error);
    throw error;
  }
}

/** Reads again and again over one connection, and connects anew when it was lost. */
function statusReader(config: Config, names: readonly string[]): () => Promise<ShownStatus> {
  let client: FleetClient | undefined;
  return async () => {
    try {
      client ??= await openClient(config);
      return await fromRedis(client, config, names);
    } catch (caught) {
      const error = (await client?.explained(caught)) ?? caught;
      await client?.close();
      const wasConnected = client !== undefined;
      client = undefined;
      if (wasConnected) return readStatus(config, names);
      if (error instanceof UnreachableError) return localStatus(config, names, error);
      throw error;
    }
  };
}

async function fromRedis(
  { reader, refusal }: FleetClient,
  config: Config,
  names: readonly string[],
): Promise<ShownStatus> {
  const [targets, nodes, pauses, why] = await Promise.all([
    reader.targets(),
    reader.nodes(),
    reader.pauses(),
    refusal(),
  ]);
  // healq looks and heals here all the same, and cannot tell Redis: what that says is of the past.
  if (why !== undefined) throw new UnreachableError(why);
  requireKnown(names, config, targets);
  const view = statusView(config, { targets, nodes, pauses, now: Date.now(), source: "redis" });
  return { view: only(view, names), pauses };
}
