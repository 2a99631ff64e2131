import { patience } from "../checks/patience.ts";
import { askPostgres } from "../checks/postgres.ts";
import type { Session } from "../checks/postgres-activity.ts";
import { explainPostgresError } from "../checks/postgres-error.ts";
import { postgresSpecOf, shownServer } from "../checks/postgres-spec.ts";
import type { RemedyContext, RemedyResult } from "../model/remedy.ts";
import { askOnSession } from "../system/database-session.ts";
import { postgresDriver } from "../system/postgres.ts";
import { databaseAnswer } from "./database-answer.ts";
import { type Obstacle, obstacleSteps, removeObstacles } from "./obstacles.ts";
import { type Act, type Culprit, culpritsOf } from "./postgres-culprits.ts";
import { linesOf } from "./steps.ts";

/** What `clearTheWay` would say. */
export async function planToClear(context: RemedyContext, act: Act): Promise<readonly string[]> {
  return linesOf(obstacleSteps(await obstaclesOf(context, act), whereOf(context)));
}

/** Cancels the statements of those who are in the way now, or ends their sessions; the look that led here may be old. */
export async function clearTheWay(context: RemedyContext, act: Act): Promise<RemedyResult> {
  return removeObstacles(await obstaclesOf(context, act), { context, where: whereOf(context) });
}

function whereOf({ target }: RemedyContext): string {
  return shownServer(postgresSpecOf(target.spec).url);
}

async function obstaclesOf(context: RemedyContext, act: Act): Promise<readonly Obstacle[]> {
  const spec = postgresSpecOf(context.target.spec);
  const timeout = patience(context.target.timeout);
  const activity = await answered(context, () => askPostgres(spec, context.memory, timeout));
  const culprits = culpritsOf(activity, spec, { act, symptom: context.finding?.symptom });
  return culprits.map(({ line, session, because }) => ({
    line,
    name: `pid ${session?.pid}`,
    did: act === "cancel" ? "cancelled" : "ended",
    ...(session === undefined ? {} : { remove: () => signalSession(context, session, { act, because }) }),
  }));
}

const functions: Readonly<Record<Act, string>> = { cancel: "pg_cancel_backend", end: "pg_terminate_backend" };

/** What must still hold in the same statement; a pid alone may be another session's by now. */
const stillThere = "a.pid = $1 AND a.backend_start = $2::timestamptz AND a.backend_type = 'client backend'";
const still: Readonly<Record<Culprit["because"], string>> = {
  blocks: `$3::float8 IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_locks w
    WHERE NOT w.granted AND w.pid IS NOT NULL AND a.pid = ANY (pg_catalog.pg_blocking_pids(w.pid)))`,
  idles: `a.state LIKE 'idle in transaction%' AND extract(epoch FROM now() - a.state_change) * 1000 > $3::float8`,
};

/** False when it is not there any more, or not in the way. */
async function signalSession(
  context: RemedyContext,
  { pid, started }: Session,
  { act, because }: { act: Act; because: Culprit["because"] },
): Promise<boolean> {
  const spec = postgresSpecOf(context.target.spec);
  const timeout = patience(context.target.timeout);
  const busy = act === "cancel" ? " AND a.state = 'active'" : "";
  const statement = `SELECT pg_catalog.${functions[act]}(a.pid) AS done FROM pg_catalog.pg_stat_activity a
    WHERE ${stillThere}${busy} AND ${still[because]}`;
  const values = [pid, started, spec.idleInTransaction ?? 0];
  const how = { driver: postgresDriver({ url: spec.url, timeout }), timeout };
  const rows = await answered(context, () =>
    askOnSession(context.memory, how, (session, left) => session.query(statement, values, { timeout: left })),
  );
  return rows.length > 0;
}

const refused = {
  code: "42501",
  said: "does not let healq's role end this session: GRANT pg_signal_backend to it (a superuser's only a superuser may end)",
};

function answered<T>(context: RemedyContext, ask: () => Promise<T>): Promise<T> {
  const told = { kind: "postgres", where: whereOf(context), refused, explain: explainPostgresError };
  return databaseAnswer(context, told, ask);
}
