import type { AnyChannel } from "../model/alert.ts";
import { command } from "./command.ts";
import { log } from "./log.ts";
import { webhook } from "./webhook.ts";

/** All alert channels: a new one is one file and one line here. */
export const channels: readonly AnyChannel[] = [log, webhook, command];

const byName: ReadonlyMap<string, AnyChannel> = new Map(
  channels.map((channel) => [channel.channel, channel]),
);

/** The channel of that name; undefined when there is none. */
export function channelOf(name: string): AnyChannel | undefined {
  return byName.get(name);
}
