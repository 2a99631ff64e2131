import { exitCodes } from "../model/errors.ts";
import type { Wish } from "../model/heal.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { requireNodeFor, withFleet } from "./fleet-guards.ts";
import { configOf } from "./load-config.ts";
import { whoAsks } from "./user.ts";

/** `healq start | stop | restart TARGET`: waits until the wish is fulfilled and says what was done. */
export async function runWish(context: CommandContext, target: string, wish: Wish): Promise<number> {
  const config = await configOf(context);
  const done = await withFleet(config, [target], async (client) => {
    await requireNodeFor(target, config, client.reader);
    const requests = await client.requests();
    return Promise.race([requests.wish(target, wish, whoAsks()), client.lost]);
  });
  if (context.json) context.terminal.json({ target, wish, done });
  else context.terminal.out(`${visible(done)}\n`);
  return exitCodes.ok;
}
