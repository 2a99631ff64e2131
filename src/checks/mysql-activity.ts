import * as z from "zod";
import type { DatabaseSession } from "../system/database-session.ts";
import type { Wait } from "./lock-waits.ts";

/**
 * Every open transaction of InnoDB with its session. Its times have whole seconds. All readers share InnoDB's picture of its
 * transactions, which is made anew when nobody has read it for 100 ms; the list of sessions is of this moment.
 * Source: MariaDB, storage/innobase/trx/trx0i_s.cc (CACHE_MIN_IDLE_TIME_NS).
 */
const transactions = `
SELECT CAST(t.trx_id AS CHAR) AS id, t.trx_mysql_thread_id AS pid, p.USER AS user, p.DB AS \`database\`, p.COMMAND AS command,
  CAST(t.trx_started AS CHAR) AS started, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) * 1000 AS transactionMs, p.TIME * 1000 AS stateMs,
  TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW()) * 1000 AS waitMs,
  t.trx_rows_modified AS rowsModified, LEFT(coalesce(t.trx_query, p.INFO), 400) AS query
FROM information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id`;

/** MariaDB has a table for it, and MySQL 5.7 and newer a view of \`sys\`. */
const lockWaits = {
  mariadb: `SELECT CAST(requesting_trx_id AS CHAR) AS waiting, CAST(blocking_trx_id AS CHAR) AS blocking FROM information_schema.INNODB_LOCK_WAITS`,
  mysql: `SELECT CAST(waiting_trx_id AS CHAR) AS waiting, CAST(blocking_trx_id AS CHAR) AS blocking FROM sys.innodb_lock_waits`,
} as const;

const server = `SELECT VERSION() AS version, @@global.max_connections AS slots, COUNT(*) AS connections,
  CAST(COALESCE(SUM(COMMAND = 'Daemon'), 0) AS SIGNED) AS daemons FROM information_schema.PROCESSLIST`;

/** Waits of which the server does not say, without a plugin, who stands in their way. */
const unseen = `SELECT ID AS pid, STATE AS state, TIME * 1000 AS ms FROM information_schema.PROCESSLIST
  WHERE STATE LIKE 'Waiting for%metadata lock' OR STATE = 'User lock' ORDER BY TIME DESC LIMIT 1000`;

const number = z.coerce.number();
const perhaps = number.nullable();

const transactionSchema = z.object({
  id: z.string(),
  /** 0: a prepared (XA) transaction without a session. */
  pid: number,
  user: z.string().nullable(),
  database: z.string().nullable(),
  /** `Query`, `Sleep` …; null when the session is gone: whoever may read transactions sees all sessions. */
  command: z.string().nullable(),
  started: z.string(),
  transactionMs: number,
  /** How long it has been doing what it does. */
  stateMs: perhaps,
  waitMs: perhaps,
  /** What a rollback has to undo. */
  rowsModified: number,
  query: z.string().nullable(),
});

/** An open transaction, and the session that it belongs to. */
export type Transaction = z.output<typeof transactionSchema>;

const unseenSchema = z.object({ pid: number, state: z.string(), ms: number });

/** A session that waits for a metadata lock, or for a lock of GET_LOCK. */
export type UnseenWait = z.output<typeof unseenSchema>;

const preparedSchema = z.object({ data: z.unknown() }).transform(({ data }) => String(data));

/** What goes on on a server. */
export interface MysqlActivity {
  readonly transactions: readonly Transaction[];
  /** Between transactions, by the pids of their sessions. */
  readonly waits: readonly Wait[];
  /** Those whose blockers nobody is told, the longest first. */
  readonly unseen: readonly UnseenWait[];
  /** The names of prepared (XA) transactions; read only when one blocks, and empty when healq's user may not. */
  readonly prepared: readonly string[];
  readonly connections: number;
  readonly slots: number;
}

/** Reads it. Rejects as the session does, also when healq's user has not the privilege PROCESS. */
export async function readMysqlActivity(session: DatabaseSession, timeout: number): Promise<MysqlActivity> {
  const begun = performance.now();
  const rows = <Row>(text: string, row: z.ZodType<Row>): Promise<Row[]> => {
    const left = Math.max(1, timeout - (performance.now() - begun));
    return session.query(text, [], { timeout: left }).then((found) => z.array(row).parse(found));
  };
  const serverRow = z.object({ version: z.string(), slots: number, connections: number, daemons: number });
  const [about] = await rows(server, serverRow);
  const edges = await rows(
    /mariadb/i.test(about?.version ?? "") ? lockWaits.mariadb : lockWaits.mysql,
    z.object({ waiting: z.string(), blocking: z.string() }),
  );
  const open = await rows(transactions, transactionSchema);
  const waits = waitsOf(open, edges);
  return {
    transactions: open,
    waits,
    unseen: await rows(unseen, unseenSchema),
    prepared: waits.some(({ blockers }) => blockers.includes(0))
      ? await rows("XA RECOVER", preparedSchema).catch(nobodyTells)
      : [],
    connections: (about?.connections ?? 0) - (about?.daemons ?? 0),
    slots: about?.slots ?? 0,
  };
}

/** MySQL wants a privilege for it, and who blocks is known without the name. */
function nobodyTells(error: unknown): string[] {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("ER_")) return [];
  throw error;
}

/** What was read one after the other may not fit together: who runs no statement waits for nobody, and who has no session blocks nobody. */
function waitsOf(
  open: readonly Transaction[],
  edges: readonly { readonly waiting: string; readonly blocking: string }[],
): readonly Wait[] {
  const byId = new Map(open.map((transaction) => [transaction.id, transaction]));
  const blockers = new Map<Transaction, number[]>();
  for (const { waiting, blocking } of edges) {
    const [waiter, blocker] = [byId.get(waiting), byId.get(blocking)];
    if (waiter === undefined || blocker === undefined || waiter.waitMs === null) continue;
    const isWaiting = waiter.command === "Query" || waiter.command === "Execute";
    if (!isWaiting || (blocker.pid !== 0 && blocker.command === null)) continue;
    blockers.set(waiter, [...(blockers.get(waiter) ?? []), blocker.pid]);
  }
  return [...blockers].map(([{ pid, waitMs }, pids]) => ({ pid, ms: waitMs ?? 0, blockers: pids }));
}
