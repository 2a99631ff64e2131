import { setTimeout } from "node:timers/promises";
import { askMysql } from "../checks/mysql.ts";
import { type MysqlActivity, readMysqlActivity, type Transaction } from "../checks/mysql-activity.ts";
import { explainMysqlError } from "../checks/mysql-error.ts";
import { longBlockers, longIdlers, longUnseen } from "../checks/mysql-findings.ts";
import { type MysqlSpec, mysqlSpecOf, shownMysql } from "../checks/mysql-spec.ts";
import { connectionOf } from "../checks/mysql-words.ts";
import { patience } from "../checks/patience.ts";
import { formatDuration } from "../lib/duration.ts";
import type { RemedyContext, RemedyResult } from "../model/remedy.ts";
import { askOnSession } from "../system/database-session.ts";
import { mysqlDriver } from "../system/mysql.ts";
import { databaseAnswer } from "./database-answer.ts";
import { type Fault, type Kill, untouchable } from "./mysql-untouchable.ts";
import { type Obstacle, obstacleSteps, removeObstacles } from "./obstacles.ts";
import { linesOf } from "./steps.ts";

/** InnoDB makes a new picture of its transactions when nobody has read the last one for 100 ms. */
const pictureAge = 130;

/** What `killObstacles` would say. */
export async function planToKill(context: RemedyContext, kill: Kill): Promise<readonly string[]> {
  return linesOf(obstacleSteps(await obstaclesOf(context, kill), whereOf(context)));
}

/** Kills the statements of those who are in the way now, or their connections. */
export async function killObstacles(context: RemedyContext, kill: Kill): Promise<RemedyResult> {
  return removeObstacles(await obstaclesOf(context, kill), { context, where: whereOf(context) });
}

function whereOf({ target }: RemedyContext): string {
  return shownMysql(mysqlSpecOf(target.spec).url);
}

async function obstaclesOf(context: RemedyContext, kill: Kill): Promise<readonly Obstacle[]> {
  const spec = mysqlSpecOf(context.target.spec);
  const activity = await answered(context, () =>
    askMysql(spec, context.memory, patience(context.target.timeout)),
  );
  const symptom = context.finding?.symptom;
  const blockers = symptom === "mysql.idle-in-transaction" ? [] : longBlockers(activity, spec);
  const blocking = blockers.map(({ root, transaction }) => {
    if (transaction === undefined)
      return leave("the prepared (XA) transaction", "a person must XA COMMIT or XA ROLLBACK it");
    const waiting = root.blocks === 1 ? "a session waits for it" : `${root.blocks} sessions wait for it`;
    return obstacleOf(context, transaction, { kill, because: waiting, fault: "blocks" });
  });
  const unseen =
    symptom === "mysql.idle-in-transaction" || blockers.length > 0 ? [] : longUnseen(activity, spec);
  const nameless = unseen
    .slice(0, 1)
    .map(({ state }) => leave("who holds the lock", `the server does not tell (${state})`));
  const known = new Set(blockers.map(({ root }) => root.pid));
  const idlers =
    symptom === "mysql.blocked" ? [] : longIdlers(activity, spec).filter(({ pid }) => !known.has(pid));
  const than = formatDuration(spec.idleInTransaction ?? 0);
  const because = `idle in transaction for at least ${than}`;
  return [
    ...blocking,
    ...nameless,
    ...idlers.map((transaction) => obstacleOf(context, transaction, { kill, because, fault: "idles" })),
  ];
}

function leave(who: string, why: string): Obstacle {
  return { line: `leave ${who} alone: ${why}`, name: who, did: "" };
}

function obstacleOf(
  context: RemedyContext,
  transaction: Transaction,
  { kill, because, fault }: { kill: Kill; because: string; fault: Fault },
): Obstacle {
  const spec = mysqlSpecOf(context.target.spec);
  const who = connectionOf(transaction);
  const why = untouchable(transaction, spec, { kill, fault });
  if (why !== undefined) return leave(who, why);
  const { pid, rowsModified } = transaction;
  const rows = `${rowsModified} modified ${rowsModified === 1 ? "row" : "rows"}`;
  const line =
    kill === "QUERY"
      ? `kill the statement of ${who}: ${because}`
      : `kill ${who}, which rolls back ${rows}: ${because}`;
  const did = kill === "QUERY" ? "statement killed" : `killed; rolls back ${rows}`;
  return {
    line,
    name: `connection ${pid}`,
    did,
    remove: () => killOne(context, transaction, { kill, fault }),
  };
}

/**
 * False when that transaction has ended, or is not in the way any more. The id of a connection is not used again while the server runs,
 * and the connection this is asked on is as old as the look or newer: it cannot be another server's.
 */
async function killOne(
  context: RemedyContext,
  { id, pid, started }: Transaction,
  { kill, fault }: { kill: Kill; fault: Fault },
): Promise<boolean> {
  const spec = mysqlSpecOf(context.target.spec);
  const timeout = patience(context.target.timeout);
  const how = { driver: mysqlDriver({ url: spec.url, timeout }), timeout };
  // Read again at once, it would be the picture of before.
  await setTimeout(pictureAge, undefined, { signal: context.signal });
  return answered(context, () =>
    askOnSession(context.memory, how, async (session, left) => {
      const begun = performance.now();
      const activity = await readMysqlActivity(session, left);
      const still = inTheWay(activity, spec, fault).find((one) => one.id === id && one.started === started);
      if (still?.pid !== pid || untouchable(still, spec, { kill, fault }) !== undefined) return false;
      const rest = Math.max(1, left - (performance.now() - begun));
      const isKilled = await session
        .query(`KILL ${kill} ${Math.trunc(pid)}`, [], { timeout: rest })
        .then(() => true, ended);
      // The look that verifies must not be told of what was before.
      await setTimeout(pictureAge, undefined, { signal: context.signal });
      return isKilled;
    }),
  );
}

function inTheWay(activity: MysqlActivity, spec: MysqlSpec, fault: Fault): readonly Transaction[] {
  if (fault === "idles") return longIdlers(activity, spec);
  return longBlockers(activity, spec).flatMap(({ transaction }) => transaction ?? []);
}

/** It ended between the two. */
function ended(error: unknown): false {
  if (error instanceof Error && "code" in error && error.code === "ER_NO_SUCH_THREAD") return false;
  throw error;
}

const refused = {
  code: "ER_KILL_DENIED_ERROR",
  said: "does not let healq's user kill this connection: GRANT CONNECTION ADMIN (MySQL: CONNECTION_ADMIN) ON *.* to it",
};

function answered<T>(context: RemedyContext, ask: () => Promise<T>): Promise<T> {
  const told = { kind: "mysql", where: whereOf(context), refused, explain: explainMysqlError };
  return databaseAnswer(context, told, ask);
}
