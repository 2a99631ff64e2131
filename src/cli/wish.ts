import type { Config } from "../model/config.ts";
import { exitCodes, UsageError } from "../model/errors.ts";
import type { Wish } from "../model/heal.ts";
import { waysOf } from "../remedies/process-ways.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { requireNodeFor, withFleet } from "./fleet-guards.ts";
import { configOf } from "./load-config.ts";
import { whoAsks } from "./user.ts";

/** Other kinds cannot be started; what another node's config says is that node's to judge. */
function requireStartable(id: string, config: Config): void {
  const target = config.targets.get(id);
  if (target === undefined) return;
  const { start, stop } = waysOf(target.spec);
  if (target.kind === "process" && start !== undefined && stop !== undefined) return;
  throw new UsageError(
    target.kind === "process"
      ? `${id} is only looked at: give it run:, or both start: and stop: commands`
      : `${id} is a ${target.kind}, which can be neither started nor stopped`,
  );
}

/** `healq start | stop | restart TARGET`: waits until the wish is fulfilled and says what was done. */
export async function runWish(context: CommandContext, target: string, wish: Wish): Promise<number> {
  const config = await configOf(context);
  requireStartable(target, config);
  const done = await withFleet(config, [target], async (client) => {
    // First: of a Redis that takes nothing it would seem that no node is running.
    const requests = await client.requests();
    await requireNodeFor(target, config, client.reader);
    return Promise.race([requests.wish(target, wish, whoAsks()), client.lost]);
  });
  if (context.json) context.terminal.json({ target, wish, done });
  else context.terminal.out(`${visible(done)}\n`);
  return exitCodes.ok;
}
