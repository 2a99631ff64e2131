import type { Redis, Result } from "ioredis";

/** Audit entries kept per node; older ones are trimmed (they stay in `audit.jsonl`). */
const auditLength = 100_000;
/** Incidents kept per node. */
const incidentsKept = 10_000;

/**
 * Compare-and-set of one state with its audit notes and incident.
 * KEYS state, audit, incidents, incident order · ARGV target, before, after, incident id, incident, opened at, notes…
 * Returns 1 when written or already written, 0 when somebody else changed the target.
 */
const commit = `
local current = redis.call('HGET', KEYS[1], ARGV[1])
if current == ARGV[3] then return 1 end
if (current or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[4])
  local over = redis.call('ZRANGE', KEYS[4], 0, -${incidentsKept + 1})
  for _, id in ipairs(over) do redis.call('ZREM', KEYS[4], id); redis.call('HDEL', KEYS[3], id) end
end
for i = 7, #ARGV do redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${auditLength}, '*', 'e', ARGV[i]) end
return 1`;

/**
 * One entry of the journal of a time without Redis: the state as it is now known, once, in order.
 * KEYS state, audit, incidents, incident order, journal · ARGV number, target, after, incident id, incident, opened at, notes…
 */
const replay = `
if tonumber(redis.call('GET', KEYS[5]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[5], ARGV[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[4])
end
for i = 7, #ARGV do redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${auditLength}, '*', 'e', ARGV[i]) end
return 1`;

/**
 * Keeps the looks that are newer than the stored ones. A look's text begins with its time, in 15 digits, so times compare as
 * texts. A stored look from the future gives way: the clock was set back since.
 * KEYS look · ARGV now (15 digits), target, look, target, look … Returns the targets whose look was dropped.
 */
const keepLooks = `
local dropped = {}
local set = {}
for i = 2, #ARGV, 2 do
  local current = redis.call('HGET', KEYS[1], ARGV[i])
  local at = current and string.sub(current, 1, 15)
  if at and at > string.sub(ARGV[i + 1], 1, 15) and at <= ARGV[1] then
    dropped[#dropped + 1] = ARGV[i]
  else
    set[#set + 1] = ARGV[i]
    set[#set + 1] = ARGV[i + 1]
  end
end
if #set > 0 then redis.call('HSET', KEYS[1], unpack(set)) end
return dropped`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    healqCommit(...args: string[]): Result<number, Context>;
    healqReplay(...args: string[]): Result<number, Context>;
    healqKeepLooks(...args: string[]): Result<string[], Context>;
  }
}

/** Makes the scripts known to a connection. */
export function defineScripts(redis: Redis): void {
  redis.defineCommand("healqCommit", { numberOfKeys: 4, lua: commit });
  redis.defineCommand("healqReplay", { numberOfKeys: 5, lua: replay });
  redis.defineCommand("healqKeepLooks", { numberOfKeys: 1, lua: keepLooks });
}
