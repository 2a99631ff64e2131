import { notAllowed } from "../checks/database-only.ts";
import type { Activity, Session } from "../checks/postgres-activity.ts";
import { longIdle, longRoots } from "../checks/postgres-findings.ts";
import type { PostgresSpec } from "../checks/postgres-spec.ts";
import { isIdleInTransaction, nameOf } from "../checks/postgres-words.ts";
import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";

/** What is done to a session. */
export type Act = "cancel" | "end";

/** Somebody who stands in the way, and why nothing is done about it or what. */
export interface Culprit {
  /** The line of the plan. */
  readonly line: string;
  /** Absent: it is left alone. */
  readonly session?: Session;
  /** Blocks others, or only idles in its transaction: it must still do so right before the act. */
  readonly because: "blocks" | "idles";
}

/** Those that a cure is about, in order. Without a symptom, all. */
export function culpritsOf(
  activity: Activity,
  spec: PostgresSpec,
  { act, symptom }: { act: Act; symptom: string | undefined },
): readonly Culprit[] {
  const blockers = symptom === "postgres.idle-in-transaction" ? [] : blockersOf(activity, spec, act);
  const known = new Set(blockers.map(({ pid }) => pid));
  const idlers = symptom === "postgres.blocked" ? [] : longIdle(activity, spec);
  return [
    ...blockers,
    ...idlers.filter(({ pid }) => !known.has(pid)).map((session) => idler(session, spec, act)),
  ];
}

function blockersOf(activity: Activity, spec: PostgresSpec, act: Act): (Culprit & { pid: number })[] {
  return longRoots(activity, spec).flatMap(({ pid, blocks }) => {
    if (pid === 0) return prepared(activity);
    const session = activity.sessions.find((one) => one.pid === pid);
    // It ended while it was asked for.
    if (session === undefined) return [];
    const who = nameOf(session);
    const why = untouchable(session, spec) ?? useless(session, spec, act);
    if (why !== undefined) return [{ pid, line: `leave ${who} alone: ${why}`, because: "blocks" as const }];
    const waiting = blocks === 1 ? "a session waits for it" : `${blocks} sessions wait for it`;
    const line = act === "cancel" ? `cancel the statement of ${who}: ${waiting}` : `end ${who}: ${waiting}`;
    return [{ pid, line, session, because: "blocks" as const }];
  });
}

function prepared({ prepared }: Activity): (Culprit & { pid: number })[] {
  return prepared.map(({ gid }) => ({
    pid: 0,
    line: `leave the prepared transaction "${plain(gid)}" alone: a person must COMMIT PREPARED or ROLLBACK PREPARED it`,
    because: "blocks",
  }));
}

function idler(session: Session, spec: PostgresSpec, act: Act): Culprit {
  const who = nameOf(session);
  const why = untouchable(session, spec) ?? (act === "cancel" ? noEffect(session) : undefined);
  if (why !== undefined) return { line: `leave ${who} alone: ${why}`, because: "idles" };
  const than = formatDuration(spec.idleInTransaction ?? 0);
  return { line: `end ${who}: idle in transaction for longer than ${than}`, session, because: "idles" };
}

/** Why nobody may touch it: only clients' sessions that `only` allows are, never the server's own work or a replica's. */
function untouchable(session: Session, { only }: PostgresSpec): string | undefined {
  if (session.type === null || session.started === null)
    return "healq's role may not see what it is (GRANT pg_monitor)";
  if (session.type !== "client backend") return `it is the server's own (${session.type})`;
  return only === undefined ? "only: allows nobody's sessions" : notAllowed(session, only);
}

/** Why the act would not help. */
function useless(session: Session, { blockedFor }: PostgresSpec, act: Act): string | undefined {
  // The lock goes from one to the next: whoever holds it now has done nothing wrong.
  if ((session.heldMs ?? 0) < blockedFor)
    return "it has not held its locks for so long itself; the queue moves";
  if (act === "end" || session.state === "active") return undefined;
  return noEffect(session);
}

function noEffect(session: Session): string {
  const is = isIdleInTransaction(session) ? "idle in transaction" : (session.state ?? "idle");
  return `it is ${is}, and a cancel has no effect on that; it takes terminate-blocker`;
}
