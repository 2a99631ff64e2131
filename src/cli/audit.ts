import { exitCodes } from "../model/errors.ts";
import { auditView } from "../views/audit.ts";
import { auditLine, auditTable } from "../views/audit-table.ts";
import type { FleetClient } from "./client.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { withFleet } from "./fleet-guards.ts";
import { untilInterrupted } from "./interrupt.ts";
import { requireKnown } from "./targets.ts";

/** Flags of `healq audit`; `since` in milliseconds since the epoch. */
export interface AuditOptions {
  readonly since?: number;
  readonly limit: number;
  readonly follow?: boolean;
}

/** `healq audit`: the newest entries that match, oldest first; with `--follow` also those to come, until Ctrl-C. */
export async function runAudit(
  context: CommandContext,
  names: readonly string[],
  options: AuditOptions,
): Promise<number> {
  const { config } = await configAtHand(context);
  await withFleet(config, names, async (client) => {
    requireKnown(names, config, names.length === 0 ? [] : await client.reader.targets());
    const { since, limit } = options;
    const about = names.length === 0 ? {} : { targets: names };
    if (options.follow === true)
      return follow(context, client, { about, limit, ...(since === undefined ? {} : { since }) });
    const entries = await client.reader.audit({ ...about, limit, ...(since === undefined ? {} : { since }) });
    const views = entries.map(auditView);
    if (context.json) for (const view of views) context.terminal.jsonLine(view);
    else context.terminal.out(auditTable(views, { ...context.terminal.style(), now: Date.now() }));
  });
  return exitCodes.ok;
}

/** First what there is, then what comes; an entry that both tell of is printed once. */
async function follow(
  { terminal, json }: CommandContext,
  { reader, lost }: FleetClient,
  query: { about: { targets?: readonly string[] }; since?: number; limit: number },
): Promise<void> {
  const { signal, off } = untilInterrupted();
  const printed = new Set<string>();
  const print = (entry: Parameters<typeof auditView>[0]): void => {
    const key = `${entry.node} ${entry.id}`;
    if (printed.has(key)) return;
    printed.add(key);
    if (json) terminal.jsonLine(auditView(entry));
    else terminal.out(auditLine(auditView(entry), { ...terminal.style(), now: Date.now() }));
  };
  try {
    // Listened to first, so that nothing falls between the two.
    const coming = reader.follow(query.about, signal)[Symbol.asyncIterator]();
    let next = coming.next();
    // Its failure is heard below; until then nobody listens.
    next.catch(() => undefined);
    const { about, ...rest } = query;
    for (const entry of await reader.audit({ ...about, ...rest })) print(entry);
    for (
      let result = await Promise.race([next, lost]);
      result.done !== true;
      result = await Promise.race([next, lost])
    ) {
      print(result.value);
      next = coming.next();
    }
    if (!signal.aborted) await lost;
  } finally {
    off();
  }
}
