import type { Redis, Result } from "ioredis";
import type { CallRecorder, CallView, Heard } from "../model/ports.ts";
import { sharedKeys } from "./keys.ts";

/**
 * Takes down calls by how long ago they came, so that only the clock of Redis counts, and a newer one stays.
 * KEYS calls · ARGV target, milliseconds ago, target, milliseconds ago …
 */
const record = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #ARGV, 2 do
  local at = now - tonumber(ARGV[i + 1])
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
  if at > known or known > now then redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f', at)) end
end
return 1`;

/**
 * How long a call was waited for, and how long ago it came (-1: never), in milliseconds, for each target. A time from the future
 * is one of now: the clock was set back since.
 * KEYS calls, awaited · ARGV targets
 */
const read = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ago(key, target)
  local at = redis.call('HGET', key, target)
  if not at then return -1 end
  at = tonumber(at) or 0
  if at <= now then return now - at end
  redis.call('HSET', key, target, string.format('%.0f', now))
  return 0
end
local answers = {}
for _, target in ipairs(ARGV) do
  redis.call('HSETNX', KEYS[2], target, string.format('%.0f', now))
  answers[#answers + 1] = ago(KEYS[2], target)
  answers[#answers + 1] = ago(KEYS[1], target)
end
return answers`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    healqRecordCalls(...args: string[]): Result<number, Context>;
    healqReadCalls(...args: string[]): Result<number[], Context>;
  }
}

/** The calls of programs that must call in, in Redis: any node may hear one, and any node may look. */
export type Calls = CallView & CallRecorder;

type Awaited = Omit<Heard, "listeningFor">;

/**
 * Opens the record of calls. What Redis does not take is kept in this process, counts for its looks, and is told with the next
 * call or look; so nothing is late only because Redis was away.
 *
 * @param now milliseconds from any moment on; must not jump with the clock of the machine
 */
export function openCalls(redis: Redis, now: () => number = () => performance.now()): Calls {
  redis.defineCommand("healqRecordCalls", { numberOfKeys: 1, lua: record });
  redis.defineCommand("healqReadCalls", { numberOfKeys: 2, lua: read });
  const since = now();
  const untold = new Map<string, number>();
  const tell = async (): Promise<void> => {
    const told = [...untold];
    if (told.length === 0) return;
    const ages = told.flatMap(([id, at]) => [id, String(Math.max(0, Math.round(now() - at)))]);
    await redis.healqRecordCalls(sharedKeys.calls, ...ages);
    for (const [id, at] of told) if (untold.get(id) === at) untold.delete(id);
  };
  const readAll = inBatches(async (ids) => {
    await tell();
    return readCalls(redis, ids);
  });
  return {
    record: async (id) => {
      untold.set(id, now());
      await tell();
    },
    heard: async (id) => {
      const listeningFor = now() - since;
      try {
        const heard = (await readAll(id)).get(id);
        if (heard === undefined) throw new Error("Redis gave no answer about it");
        return { ...heard, listeningFor };
      } catch (error) {
        const at = untold.get(id);
        if (at === undefined) throw error;
        const lastAgo = now() - at;
        return { waitedFor: lastAgo, lastAgo, listeningFor };
      }
    },
  };
}

async function readCalls(redis: Redis, ids: readonly string[]): Promise<Map<string, Awaited>> {
  const answers = await redis.healqReadCalls(sharedKeys.calls, sharedKeys.callsAwaited, ...ids);
  return new Map(
    ids.map((id, index) => {
      const [waitedFor = 0, lastAgo = -1] = answers.slice(index * 2, index * 2 + 2);
      return [id, lastAgo < 0 ? { waitedFor } : { waitedFor, lastAgo }];
    }),
  );
}

/** Asks once for all that is asked for in one turn of the event loop: the looks of a tick begin together. */
function inBatches<T>(ask: (ids: readonly string[]) => Promise<T>): (id: string) => Promise<T> {
  let open: { ids: Set<string>; answer: Promise<T> } | undefined;
  return (id) => {
    if (open === undefined) {
      const ids = new Set<string>();
      const answer = Promise.resolve().then(() => {
        open = undefined;
        return ask([...ids]);
      });
      open = { ids, answer };
    }
    open.ids.add(id);
    return open.answer;
  };
}
