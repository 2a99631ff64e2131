import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { Root } from "./lock-waits.ts";
import type { Session } from "./postgres-activity.ts";
import { shownStatement } from "./statement-text.ts";

/** "pid 42 (worker of app on shop)". Names are chosen by whoever connects. */
export function nameOf({ pid, user, application, database, type }: Session): string {
  const what = application === null || application === "" ? (type ?? "session") : application;
  const of = user === null ? "" : ` of ${user}`;
  const on = database === null ? "" : ` on ${database}`;
  return `pid ${pid} (${plain(`${what}${of}${on}`)})`;
}

/** "idle in transaction for 1m", "running a statement, in a transaction for 3 s". */
export function doingOf({ state, stateMs, transactionMs }: Session): string {
  if (state === null) return "which healq's role may not see (GRANT pg_monitor)";
  if (state !== "active") return `${state} for ${formatDuration(stateMs ?? 0)}`;
  return `running a statement, in a transaction for ${formatDuration(transactionMs ?? stateMs ?? 0)}`;
}

/** True for a session that holds a transaction open and does nothing. */
export function isIdleInTransaction({ state }: Session): boolean {
  return state?.startsWith("idle in transaction") === true;
}

/** What is worth knowing of a session at night. */
export function evidenceOf(session: Session, root?: Root): Readonly<Record<string, unknown>> {
  const { pid, user, application, database, type, state, started, transactionMs, query } = session;
  return {
    pid,
    user,
    application: application === null ? null : plain(application),
    database,
    type,
    state,
    started,
    ...(transactionMs === null ? {} : { transaction: formatDuration(transactionMs) }),
    ...(query === null ? {} : { query: shownStatement(query) }),
    ...(root === undefined ? {} : { blocks: root.blocks, chain: root.chain.join(" < ") }),
  };
}
