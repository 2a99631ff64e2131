import { channelOf } from "../src/alerts/registry.ts";
import type { Alert } from "../src/model/alert.ts";
import type { AuditNote } from "../src/model/audit.ts";
import type { Config } from "../src/model/config.ts";
import { messageOf } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";

/** What sending an alert needs. */
export interface AlertContext {
  readonly config: Pick<Config, "node" | "alerts" | "base">;
  readonly log: Log;
  note(note: AuditNote): Promise<void>;
  now(): number;
}

/** One alert over one declared channel. `last`: there is no further try, so a failure is told in the audit. */
export interface AlertJob {
  readonly id: string;
  readonly channel: string;
  readonly alert: Alert;
  readonly last: boolean;
  readonly signal: AbortSignal;
}

/** True if this node is the one to send it: it has the channel, and the channel is not one that is seen on the alert's own node alone. */
export function isSentHere(
  { channel, alert }: Pick<AlertJob, "channel" | "alert">,
  { config }: Pick<AlertContext, "config">,
): boolean {
  if (alert.node === config.node) return true;
  const use = config.alerts.find((each) => each.id === channel);
  return use !== undefined && channelOf(use.channel)?.local !== true;
}

/** Sends it; rejects with why when it could not be handed over. */
export async function runAlert(
  { id, channel, alert, last, signal }: AlertJob,
  context: AlertContext,
): Promise<string> {
  const use = context.config.alerts.find((each) => each.id === channel);
  const definition = use === undefined ? undefined : channelOf(use.channel);
  if (use === undefined || definition === undefined)
    throw new Error(`no alert channel ${channel} is declared on this node`);
  const about = {
    target: alert.target,
    job: id,
    action: channel,
    ...(alert.incident === undefined ? {} : { incident: alert.incident }),
  };
  try {
    const log = (line: string) => context.log.warn({ alert }, line);
    await definition.send(alert, use.params, { signal, base: context.config.base, log });
  } catch (error) {
    const reason = `${alert.event} could not be sent over ${channel}: ${messageOf(error)}`;
    // One that healq's stop cut off is sent by the next healq.
    if (last && !signal.aborted)
      await context.note({ at: context.now(), event: "alert.failed", reason, ...about });
    throw new Error(reason, { cause: error });
  }
  await context.note({
    at: context.now(),
    event: "alert.sent",
    reason: `${alert.event}: ${alert.message}`,
    ...about,
  });
  return `sent over ${channel}`;
}
