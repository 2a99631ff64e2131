import { formatDuration } from "../lib/duration.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { askOnSession } from "../system/database-session.ts";
import { mysqlDriver } from "../system/mysql.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { type MysqlActivity, readMysqlActivity } from "./mysql-activity.ts";
import { explainMysqlError } from "./mysql-error.ts";
import { mysqlFindings } from "./mysql-findings.ts";
import { type MysqlSpec, mysqlSchema, shownMysql } from "./mysql-spec.ts";
import { patience } from "./patience.ts";

/** A MySQL or MariaDB server: answers, has connections left, and no transaction keeps others waiting for row locks. */
export const mysql = defineKind<MysqlSpec>({
  kind: "mysql",
  summary: "a MySQL or MariaDB server: answers, no transaction blocks others, connections are left",
  schema: mysqlSchema,
  symptoms: {
    "mysql.down": "it does not answer, or takes no connections",
    "mysql.blocked": "a session has waited for a lock for longer than blockedFor",
    "mysql.idle-in-transaction":
      "a session does nothing in an open transaction for longer than idleInTransaction",
    "mysql.connections": "nearly all connections are in use, or all",
  },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => ({
    "mysql.blocked": ["kill-query", "kill-connection"],
    // There is no statement to kill.
    "mysql.idle-in-transaction": ["kill-connection"],
    "mysql.connections": [],
    "mysql.down": spec.target === undefined ? [] : ["target"],
  }),
  observe,
});

async function observe({ spec, timeout }: Target<MysqlSpec>, context: CheckContext): Promise<Look> {
  const { signal } = context;
  const within = patience(timeout);
  const begun = performance.now();
  try {
    const activity = await orAborted(askMysql(spec, context.memory, within), signal);
    return judge(spec, activity, performance.now() - begun);
  } catch (error) {
    const { is, reason } = explainMysqlError(error, { timeout: within, signal });
    const message = `${shownMysql(spec.url)} ${reason}`;
    if (is === "unsure" || signal.aborted) return couldNotTell(message);
    const symptom = is === "full" ? "mysql.connections" : "mysql.down";
    const finding = { symptom, severity: "critical" as const, fact: false, message, evidence: {} };
    return lookOf({ findings: [finding], metrics: {}, fine: "" });
  }
}

/** What goes on there, over the target's own connection. Rejects as drivers do; `timeout` in milliseconds. */
export function askMysql(
  spec: MysqlSpec,
  memory: CheckContext["memory"],
  timeout: number,
): Promise<MysqlActivity> {
  return askOnSession(
    memory,
    { driver: mysqlDriver({ url: spec.url, timeout }), timeout },
    readMysqlActivity,
  );
}

function judge(spec: MysqlSpec, activity: MysqlActivity, took: number): Look {
  const { connections, slots, waits, transactions } = activity;
  const metrics = {
    latencyMs: Math.round(took * 10) / 10,
    connections,
    slots,
    transactions: transactions.length,
    waiting: waits.length,
    longestWaitMs: Math.max(0, ...waits.map(({ ms }) => ms)),
  };
  const fine = `answered in ${formatDuration(took)}, ${connections} of ${slots} connections in use`;
  return lookOf({ findings: mysqlFindings(activity, spec), metrics, fine });
}
