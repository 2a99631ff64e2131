import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import { connectionFindings, databaseFinding, idleFindings, shown } from "./database-findings.ts";
import { type Root, rootsOf } from "./lock-waits.ts";
import type { MysqlActivity, Transaction, UnseenWait } from "./mysql-activity.ts";
import type { MysqlSpec } from "./mysql-spec.ts";
import { connectionOf, idles, stateOf, transactionEvidence } from "./mysql-words.ts";

/** A transaction that keeps others waiting. */
export interface Blocker {
  readonly root: Root;
  /** Absent for prepared (XA) transactions, which have no session. */
  readonly transaction?: Transaction;
}

/** Those that keep somebody waiting for longer than `blockedFor`; first the one whose rollback is the least work. */
export function longBlockers(
  { waits, transactions }: MysqlActivity,
  { blockedFor }: MysqlSpec,
): readonly Blocker[] {
  return rootsOf(waits)
    .filter(({ longestMs }) => longestMs >= blockedFor)
    .flatMap((root): Blocker[] => {
      if (root.pid === 0) return [{ root }];
      const transaction = transactions.find(({ pid }) => pid === root.pid);
      return transaction === undefined ? [] : [{ root, transaction }];
    })
    .sort((a, b) => (a.transaction?.rowsModified ?? 0) - (b.transaction?.rowsModified ?? 0));
}

/** Those that do nothing in an open transaction for longer than `idleInTransaction`, the longest first. */
export function longIdlers(
  { transactions }: MysqlActivity,
  { idleInTransaction }: MysqlSpec,
): readonly Transaction[] {
  if (idleInTransaction === undefined) return [];
  return transactions
    .filter((transaction) => idles(transaction) && (transaction.stateMs ?? 0) >= idleInTransaction)
    .sort((a, b) => (b.stateMs ?? 0) - (a.stateMs ?? 0));
}

/** What is wrong, the worst first. */
export function mysqlFindings(activity: MysqlActivity, spec: MysqlSpec): readonly Finding[] {
  return [
    ...blocked(activity, spec),
    ...unseenWaits(activity, spec),
    ...connectionFindings("mysql.connections", activity, spec.connections),
    ...idleFindings("mysql.idle-in-transaction", longIdlers(activity, spec), {
      words: (transaction) => `${connectionOf(transaction)} is ${stateOf(transaction)}`,
      evidence: (transaction) => transactionEvidence(transaction),
      atMost: spec.idleInTransaction ?? 0,
    }),
  ];
}

function blocked(activity: MysqlActivity, spec: MysqlSpec): Finding[] {
  const blockers = longBlockers(activity, spec);
  const [first] = [...blockers].sort((a, b) => b.root.blocks - a.root.blocks);
  if (first === undefined) return [];
  const longest = Math.max(...blockers.map(({ root }) => root.longestMs));
  const count = blockers.reduce((sum, { root }) => sum + root.blocks, 0);
  const waiting =
    count === 1 ? "a session waits for a lock," : `${count} sessions wait for locks, the longest`;
  const who =
    first.transaction === undefined
      ? `a prepared (XA) transaction${namesOf(activity)}; a person must XA COMMIT or XA ROLLBACK it`
      : `${connectionOf(first.transaction)}, ${stateOf(first.transaction)}`;
  const evidence = {
    roots: blockers
      .slice(0, shown)
      .flatMap(({ root, transaction }) =>
        transaction === undefined ? [] : [transactionEvidence(transaction, root)],
      ),
    waiting: count,
  };
  return [
    databaseFinding(
      "mysql.blocked",
      `${waiting} for ${formatDuration(longest)}; at the root: ${who}`,
      evidence,
    ),
  ];
}

/** Those who have waited for longer than `blockedFor` behind somebody whom the server does not name. */
export function longUnseen({ unseen }: MysqlActivity, { blockedFor }: MysqlSpec): readonly UnseenWait[] {
  return unseen.filter(({ ms }) => ms >= blockedFor);
}

function unseenWaits(activity: MysqlActivity, spec: MysqlSpec): Finding[] {
  const waits = longUnseen(activity, spec);
  const [first] = waits;
  if (first === undefined) return [];
  const what = first.state === "User lock" ? "a lock of GET_LOCK" : "a metadata lock";
  const waiting =
    waits.length === 1
      ? `connection ${first.pid} waits for ${what}, for ${formatDuration(first.ms)}`
      : `${waits.length} sessions wait for metadata locks or GET_LOCK, connection ${first.pid} for ${what} and ${formatDuration(first.ms)}`;
  const evidence = { waits: waits.slice(0, shown).map(({ pid, state }) => ({ connection: pid, state })) };
  return [databaseFinding("mysql.blocked", `${waiting}; the server does not tell who holds it`, evidence)];
}

/** The names of prepared transactions, for a message. Whoever prepared them chose them. */
function namesOf({ prepared }: MysqlActivity): string {
  const names = prepared.slice(0, shown).map((name) => `"${plain(name)}"`);
  return names.length === 0 ? " (XA RECOVER names it)" : ` (${names.join(", ")})`;
}
