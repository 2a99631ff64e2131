import type { Config } from "../model/config.ts";
import { exitCodes, UnreachableError, UsageError } from "../model/errors.ts";
import { refusalOf } from "../redis/refusal.ts";
import { openPingKeys } from "../web/ping-keys.ts";
import { withCalls } from "./calls.ts";
import type { CommandContext } from "./context.ts";
import { configOf } from "./load-config.ts";
import { targetsNamed } from "./targets.ts";

/** `healq ping TARGET`: calls in for a program, without the page; `--url` prints where and with what key programs do. */
export async function runPing(
  context: CommandContext,
  id: string,
  options: { readonly url?: boolean },
): Promise<number> {
  const config = await configOf(context);
  const [target] = targetsNamed(config, [id]);
  if (target?.kind !== "heartbeat")
    throw new UsageError(`${id} is no heartbeat but a ${target?.kind}; nothing waits for its calls`);
  if (options.url === true) {
    const url = addressOf(config, id);
    if (context.json) context.terminal.json({ target: id, url });
    else context.terminal.out(`${url}\n`);
    return exitCodes.ok;
  }
  await withCalls(config, (calls) => calls.record(id)).catch((error: unknown) => {
    const refusal = refusalOf(error);
    throw refusal === undefined ? error : new UnreachableError(refusal, error);
  });
  if (context.json) context.terminal.json({ target: id, called: true });
  else context.terminal.out(`called in for ${id}\n`);
  return exitCodes.ok;
}

/** Where the programs of this machine call; others put its name in. */
function addressOf(config: Config, id: string): string {
  const { host, port } = config.web;
  const here = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const shown = here.includes(":") ? `[${here}]` : here;
  return `http://${shown}:${port}/ping/${id}?key=${openPingKeys(config).keyOf(id) ?? ""}`;
}
