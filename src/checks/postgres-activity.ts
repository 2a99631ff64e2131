import * as z from "zod";
import type { DatabaseSession } from "../system/database-session.ts";

/**
 * One question for all that a look needs. Waits come from pg_locks, which everybody may read; `waitstart` is new in PostgreSQL 14.
 * pg_blocking_pids is asked only for sessions that wait. A prepared transaction holds the lock on its own transaction id under
 * the same virtual transaction as its other locks, without a pid. A session that holds an advisory lock may hold it for as long as it lives.
 * Source: PostgreSQL, "The Statistics Collector", "pg_locks", "System Information Functions".
 */
const question = `
WITH locks AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks),
sessions AS MATERIALIZED (SELECT * FROM pg_catalog.pg_stat_activity),
waiting AS MATERIALIZED (
  SELECT w.pid, coalesce(s.leader_pid, w.pid) AS leader, extract(epoch FROM now() - min(w.waitstart)) * 1000 AS ms,
    pg_catalog.pg_blocking_pids(w.pid) AS blockers
  FROM locks w LEFT JOIN sessions s USING (pid)
  WHERE NOT w.granted AND w.pid IS NOT NULL AND s.backend_type IS DISTINCT FROM 'autovacuum worker'
  GROUP BY w.pid, s.leader_pid
),
involved AS (SELECT leader AS pid FROM waiting UNION SELECT unnest(blockers) FROM waiting),
shown AS (
  SELECT s.*,
    EXISTS (SELECT FROM locks l WHERE l.pid = s.pid AND l.locktype = 'advisory' AND l.granted) AS advisory
  FROM sessions s
  WHERE s.pid IN (SELECT pid FROM involved)
    OR (s.state LIKE 'idle in transaction%' AND extract(epoch FROM now() - s.state_change) * 1000 > $1::float8)
),
prepared AS (
  SELECT p.gid, p.owner, p.database, extract(epoch FROM now() - p.prepared) * 1000 AS ms
  FROM pg_catalog.pg_prepared_xacts p
  JOIN locks own ON own.pid IS NULL AND own.locktype = 'transactionid' AND own.granted AND own.transactionid = p.transaction
  WHERE EXISTS (SELECT FROM waiting WHERE 0 = ANY (blockers)) AND EXISTS (
    SELECT FROM locks h JOIN locks w ON NOT w.granted
      AND (w.locktype, w.database, w.relation, w.page, w.tuple, w.transactionid, w.classid, w.objid, w.objsubid)
      IS NOT DISTINCT FROM (h.locktype, h.database, h.relation, h.page, h.tuple, h.transactionid, h.classid, h.objid, h.objsubid)
    WHERE h.pid IS NULL AND h.granted AND h.virtualtransaction = own.virtualtransaction)
)
SELECT json_build_object(
  'connections', (SELECT count(*) FROM sessions WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'),
  'slots', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0),
  'hidden', (SELECT count(*) FROM sessions WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND backend_type IS NULL),
  'waits', coalesce((SELECT json_agg(json_build_object('pid', leader, 'ms', greatest(0, coalesce(ms, 0)), 'blockers', blockers)) FROM waiting), '[]'),
  'prepared', coalesce((SELECT json_agg(json_build_object('gid', gid, 'owner', owner, 'database', database, 'ms', ms)) FROM prepared), '[]'),
  'sessions', coalesce((SELECT json_agg(json_build_object(
    'pid', pid, 'user', usename, 'application', application_name, 'database', datname, 'type', backend_type, 'state', state,
    'started', backend_start::text, 'transactionMs', extract(epoch FROM now() - xact_start) * 1000,
    'stateMs', extract(epoch FROM now() - state_change) * 1000,
    'heldMs', extract(epoch FROM now() - CASE WHEN advisory OR xact_start IS NULL THEN backend_start ELSE xact_start END) * 1000,
    'query', left(query, 400))) FROM shown), '[]')
) AS activity`;

const count = z.number().int();
const ms = z.number().nullable();

const sessionSchema = z.object({
  pid: count,
  user: z.string().nullable(),
  application: z.string().nullable(),
  database: z.string().nullable(),
  /** `client backend`, `autovacuum worker` …; null when healq's role may not see it. */
  type: z.string().nullable(),
  state: z.string().nullable(),
  /** The server's own words, to the microsecond: what tells this session from another one with its pid. */
  started: z.string().nullable(),
  transactionMs: ms,
  stateMs: ms,
  /** How long it may have held its locks, at most. */
  heldMs: ms,
  query: z.string().nullable(),
});

const activitySchema = z.object({
  connections: count,
  /** Connections that ordinary users may have. */
  slots: count,
  /** Sessions of which healq's role sees no more than that they are there. */
  hidden: count,
  waits: z.array(z.object({ pid: count, ms: z.number(), blockers: z.array(count) })),
  prepared: z.array(z.object({ gid: z.string(), owner: z.string(), database: z.string(), ms: z.number() })),
  sessions: z.array(sessionSchema),
});

/** A session, as the server tells of it. */
export type Session = z.output<typeof sessionSchema>;

/** What goes on on a server: those who wait, those who block, those who idle in a transaction. */
export type Activity = z.output<typeof activitySchema>;

/** Reads it in one question. `idle` in milliseconds: sessions that idle in a transaction for longer are told of. Rejects as the session does. */
export async function readActivity(
  session: DatabaseSession,
  { idle, timeout }: { idle: number | undefined; timeout: number },
): Promise<Activity> {
  const [row] = await session.query(question, [idle ?? null], { timeout });
  return z.object({ activity: activitySchema }).parse(row).activity;
}
