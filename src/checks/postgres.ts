import { formatDuration } from "../lib/duration.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { askOnSession } from "../system/database-session.ts";
import { postgresDriver } from "../system/postgres.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { patience } from "./patience.ts";
import { type Activity, readActivity } from "./postgres-activity.ts";
import { explainPostgresError } from "./postgres-error.ts";
import { findingsOf } from "./postgres-findings.ts";
import { type PostgresSpec, postgresSchema, shownServer } from "./postgres-spec.ts";

/** A PostgreSQL server: answers, has connections left, and nobody keeps others waiting for locks. */
export const postgres = defineKind<PostgresSpec>({
  kind: "postgres",
  summary: "a PostgreSQL server: answers, nobody blocks others, connections are left",
  schema: postgresSchema,
  symptoms: {
    "postgres.down": "it does not answer, or takes no connections",
    "postgres.blocked": "a session has waited for a lock for longer than blockedFor",
    "postgres.idle-in-transaction":
      "a session does nothing in an open transaction for longer than idleInTransaction",
    "postgres.connections": "nearly all connections are in use, or all",
  },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => ({
    "postgres.blocked": ["cancel-blocker", "terminate-blocker"],
    // A cancel has no effect on a session that runs nothing.
    "postgres.idle-in-transaction": ["terminate-blocker"],
    "postgres.connections": [],
    "postgres.down": spec.target === undefined ? [] : ["target"],
  }),
  observe,
});

async function observe({ spec, timeout }: Target<PostgresSpec>, context: CheckContext): Promise<Look> {
  const { signal } = context;
  const within = patience(timeout);
  const begun = performance.now();
  try {
    const asked = askPostgres(spec, context.memory, within);
    const activity = await orAborted(asked, signal);
    return judge(spec, activity, performance.now() - begun);
  } catch (error) {
    const { is, reason } = explainPostgresError(error, { timeout: within, signal });
    const message = `${shownServer(spec.url)} ${reason}`;
    if (is === "unsure" || signal.aborted) return couldNotTell(message);
    const symptom = is === "full" ? "postgres.connections" : "postgres.down";
    const finding = { symptom, severity: "critical" as const, fact: false, message, evidence: {} };
    return lookOf({ findings: [finding], metrics: {}, fine: "" });
  }
}

/** What goes on there, over the target's own connection. Rejects as drivers do; `timeout` in milliseconds. */
export function askPostgres(
  spec: PostgresSpec,
  memory: CheckContext["memory"],
  timeout: number,
): Promise<Activity> {
  return askOnSession(
    memory,
    { driver: postgresDriver({ url: spec.url, timeout }), timeout },
    (session, left) => readActivity(session, { idle: spec.idleInTransaction, timeout: left }),
  );
}

function judge(spec: PostgresSpec, activity: Activity, took: number): Look {
  const { connections, slots, hidden, waits } = activity;
  const metrics = {
    latencyMs: Math.round(took * 10) / 10,
    connections,
    slots,
    waiting: waits.length,
    longestWaitMs: Math.round(Math.max(0, ...waits.map(({ ms }) => ms))),
  };
  const findings = findingsOf(activity, spec);
  // Who waits for locks everybody may see; who idles in a transaction not.
  if (findings.length === 0 && hidden > 0 && spec.idleInTransaction !== undefined) {
    const what = `${hidden} ${hidden === 1 ? "session" : "sessions"} of other users cannot be seen`;
    return couldNotTell(
      `${what}: GRANT pg_monitor TO the user of url, or leave out idleInTransaction`,
      metrics,
    );
  }
  const fine = `answered in ${formatDuration(took)}, ${connections} of ${slots} connections in use`;
  return lookOf({ findings, metrics, fine });
}
