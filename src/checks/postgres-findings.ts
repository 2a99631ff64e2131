import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import { connectionFindings, databaseFinding, idleFindings, shown } from "./database-findings.ts";
import { type Root, rootsOf } from "./lock-waits.ts";
import type { Activity, Session } from "./postgres-activity.ts";
import type { PostgresSpec } from "./postgres-spec.ts";
import { doingOf, evidenceOf, isIdleInTransaction, nameOf } from "./postgres-words.ts";

/** The roots that keep somebody waiting for longer than `blockedFor`. */
export function longRoots(
  { waits }: Activity,
  { blockedFor }: Pick<PostgresSpec, "blockedFor">,
): readonly Root[] {
  return rootsOf(waits).filter(({ longestMs }) => longestMs >= blockedFor);
}

/** The sessions that do nothing in an open transaction for longer than `idleInTransaction`, the longest first. */
export function longIdle({ sessions }: Activity, { idleInTransaction }: PostgresSpec): readonly Session[] {
  if (idleInTransaction === undefined) return [];
  return sessions
    .filter((session) => isIdleInTransaction(session) && (session.stateMs ?? 0) > idleInTransaction)
    .sort((a, b) => (b.stateMs ?? 0) - (a.stateMs ?? 0));
}

/** What is wrong, the worst first. */
export function findingsOf(activity: Activity, spec: PostgresSpec): readonly Finding[] {
  return [
    ...blocked(activity, spec),
    ...connectionFindings("postgres.connections", activity, spec.connections),
    ...idleFindings("postgres.idle-in-transaction", longIdle(activity, spec), {
      words: (session) => `${nameOf(session)} is ${doingOf(session)}`,
      evidence: (session) => evidenceOf(session),
      atMost: spec.idleInTransaction ?? 0,
    }),
  ];
}

function blocked(activity: Activity, spec: PostgresSpec): Finding[] {
  const roots = longRoots(activity, spec);
  const [first] = roots;
  if (first === undefined) return [];
  const byPid = new Map(activity.sessions.map((session) => [session.pid, session]));
  const longest = Math.max(...roots.map(({ longestMs }) => longestMs));
  const count = roots.reduce((sum, { blocks }) => sum + blocks, 0);
  const waiting =
    count === 1 ? "a session waits for a lock," : `${count} sessions wait for locks, the longest`;
  const message = `${waiting} for ${formatDuration(longest)}; at the root: ${saidOf(first, activity, byPid)}`;
  const evidence = {
    roots: roots.slice(0, shown).flatMap((root) => {
      const session = byPid.get(root.pid);
      return session === undefined ? [] : [evidenceOf(session, root)];
    }),
    ...(roots.some(({ pid }) => pid === 0) ? { prepared: activity.prepared.slice(0, shown) } : {}),
    waiting: count,
  };
  return [databaseFinding("postgres.blocked", message, evidence)];
}

function saidOf(root: Root, { prepared }: Activity, byPid: ReadonlyMap<number, Session>): string {
  if (root.pid !== 0) {
    const session = byPid.get(root.pid);
    return session === undefined ? `pid ${root.pid}` : `${nameOf(session)}, ${doingOf(session)}`;
  }
  const gids = prepared.map(({ gid }) => `"${plain(gid)}"`).join(", ");
  return `the prepared transaction ${gids}; a person must COMMIT PREPARED or ROLLBACK PREPARED it`;
}
