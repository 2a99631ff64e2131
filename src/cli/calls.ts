import type { Config } from "../model/config.ts";
import type { CallView } from "../model/ports.ts";
import { type Calls, openCalls } from "../store/calls.ts";
import { reach, sourceOf } from "./client.ts";

/** What is known of calls, for a command that only looks: nothing when Redis cannot be reached. */
export async function reachCalls(config: Config): Promise<{ calls?: CallView; close(): void }> {
  const redis = await reach(sourceOf(config), config).catch(() => undefined);
  if (redis === undefined) return { close: () => undefined };
  const { heard } = openCalls(redis);
  // Who hears the calls is the node, and it has been there for longer than this command.
  const calls: CallView = {
    heard: async (id) => ({ ...(await heard(id)), listeningFor: Number.POSITIVE_INFINITY }),
  };
  return { calls, close: () => redis.disconnect() };
}

/** Runs with the record of calls; rejects with an `UnreachableError` when Redis cannot be reached. */
export async function withCalls<T>(config: Config, use: (calls: Calls) => Promise<T>): Promise<T> {
  const redis = await reach(sourceOf(config), config);
  try {
    return await use(openCalls(redis));
  } finally {
    redis.disconnect();
  }
}
