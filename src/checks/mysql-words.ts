import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { Root } from "./lock-waits.ts";
import type { Transaction } from "./mysql-activity.ts";
import { shownStatement } from "./statement-text.ts";

/** "connection 42 (shop on orders)". */
export function connectionOf({ pid, user, database }: Transaction): string {
  const on = database === null ? "" : ` on ${database}`;
  return `connection ${pid}${user === null ? "" : ` (${plain(`${user}${on}`)})`}`;
}

/** True for a session that holds a transaction open and does nothing. */
export function idles({ command }: Transaction): boolean {
  return command === "Sleep";
}

/** "idle in transaction for 1m, 3 rows modified". */
export function stateOf(transaction: Transaction): string {
  const { transactionMs, stateMs, rowsModified } = transaction;
  const rows = `${rowsModified} ${rowsModified === 1 ? "row" : "rows"} modified`;
  const what = idles(transaction) ? "idle" : "running a statement";
  return idles(transaction)
    ? `${what} in transaction for ${formatDuration(stateMs ?? transactionMs)}, ${rows}`
    : `${what}, in a transaction for ${formatDuration(transactionMs)}, ${rows}`;
}

/** What is worth knowing of a transaction at night. */
export function transactionEvidence(
  transaction: Transaction,
  root?: Root,
): Readonly<Record<string, unknown>> {
  const { id, pid, user, database, command, started, rowsModified, query } = transaction;
  return {
    ...{ connection: pid, user, database, command, transaction: id, started, rowsModified },
    ...(query === null ? {} : { query: shownStatement(query) }),
    ...(root === undefined ? {} : { blocks: root.blocks, chain: root.chain.join(" < ") }),
  };
}
