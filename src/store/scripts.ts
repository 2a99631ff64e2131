import type { Redis, Result } from "ioredis";

/** Audit entries kept per node; older ones are trimmed (they stay in `audit.jsonl`). */
const auditLength = 100_000;
/** Incidents kept per node. */
const incidentsKept = 10_000;

/** Names kept of what was written: far more than can be under way at once. */
const toldKept = 5_000;

/**
 * Every write has a name, and is made once: a Redis that was stopped does, when it goes on, what was sent to it although nobody
 * waits for the answer any more, and by then the same may have come again out of the journal. The name is written last: Redis
 * takes nothing back when a script fails in the middle (a key that somebody has overwritten), and what is done anew then
 * does no harm.
 */
const functions = `
local function isTold(key, name) return redis.call('ZSCORE', key, name) end
local function tell(key, name)
  redis.call('ZADD', key, redis.call('TIME')[1], name)
  redis.call('ZREMRANGEBYRANK', key, 0, -${toldKept + 1})
end
local function note(audit, from)
  for i = from, #ARGV do redis.call('XADD', audit, 'MAXLEN', '~', ${auditLength}, '*', 'e', ARGV[i]) end
end
local function keepIncident(incidents, order, id, text, openedAt)
  if id == '' then return end
  redis.call('HSET', incidents, id, text)
  redis.call('ZADD', order, openedAt, id)
  local over = redis.call('ZRANGE', order, 0, -${incidentsKept + 1})
  for _, old in ipairs(over) do redis.call('ZREM', order, old); redis.call('HDEL', incidents, old) end
end`;

/**
 * The version of all states of a node: when they were last changed, to the microsecond, and how many there are, should somebody have
 * deleted some. A count would come to the same number twice when Redis loses its last second in a crash.
 */
const versions = `
local function version(revision, state)
  return (redis.call('GET', revision) or '') .. ':' .. redis.call('HLEN', state)
end
local function revise(revision)
  local now = redis.call('TIME')
  redis.call('SET', revision, now[1] .. '.' .. now[2])
end`;

/**
 * Compare-and-set of one state with its audit notes and incident.
 * KEYS state, audit, incidents, incident order, told, revision · ARGV name, target, before, after, incident id, incident, opened at, notes…
 * Returns the versions before and after when written; the one before is empty when it had been written already. Nothing when
 * somebody else changed the target.
 */
const commit = `${functions}${versions}
if isTold(KEYS[5], ARGV[1]) then return {'', version(KEYS[6], KEYS[1])} end
if (redis.call('HGET', KEYS[1], ARGV[2]) or '') ~= ARGV[3] then return {} end
local before = version(KEYS[6], KEYS[1])
revise(KEYS[6])
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
keepIncident(KEYS[3], KEYS[4], ARGV[5], ARGV[6], ARGV[7])
note(KEYS[2], 8)
tell(KEYS[5], ARGV[1])
return {before, version(KEYS[6], KEYS[1])}`;

/**
 * One entry of the journal of a time without Redis: the state as it is now known, once, in order.
 * KEYS state, audit, incidents, incident order, told, revision, journal · ARGV number, name, target, after, incident id, incident, opened at, notes…
 */
const replay = `${functions}${versions}
if tonumber(redis.call('GET', KEYS[7]) or '0') >= tonumber(ARGV[1]) then return 0 end
local told = isTold(KEYS[5], ARGV[2])
revise(KEYS[6])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) end
keepIncident(KEYS[3], KEYS[4], ARGV[5], ARGV[6], ARGV[7])
if not told then note(KEYS[2], 8); tell(KEYS[5], ARGV[2]) end
redis.call('SET', KEYS[7], ARGV[1])
return 1`;

/**
 * Audit notes that change no state.
 * KEYS audit, told · ARGV name, notes…
 */
const noteOnly = `${functions}
if isTold(KEYS[2], ARGV[1]) then return 0 end
note(KEYS[1], 2)
tell(KEYS[2], ARGV[1])
return 1`;

/**
 * Keeps the looks that are newer than the stored ones. A look's text begins with its time, in 15 digits, so times compare as
 * texts. A stored look from the future gives way: the clock was set back since.
 * KEYS look, state, revision · ARGV now (15 digits), target, look, target, look … Returns the version of the states, and the targets whose look
 * was dropped.
 */
const keepLooks = `${versions}
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
return {version(KEYS[3], KEYS[2]), unpack(dropped)}`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    healqCommit(...args: string[]): Result<string[], Context>;
    healqReplay(...args: string[]): Result<number, Context>;
    healqNote(...args: string[]): Result<number, Context>;
    healqKeepLooks(...args: string[]): Result<string[], Context>;
  }
}

/** Makes the scripts known to a connection. */
export function defineScripts(redis: Redis): void {
  redis.defineCommand("healqCommit", { numberOfKeys: 6, lua: commit });
  redis.defineCommand("healqReplay", { numberOfKeys: 7, lua: replay });
  redis.defineCommand("healqNote", { numberOfKeys: 2, lua: noteOnly });
  redis.defineCommand("healqKeepLooks", { numberOfKeys: 3, lua: keepLooks });
}
