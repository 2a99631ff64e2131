import { notAllowed } from "../checks/database-only.ts";
import type { Transaction } from "../checks/mysql-activity.ts";
import type { MysqlSpec } from "../checks/mysql-spec.ts";
import { idles } from "../checks/mysql-words.ts";

/** What is killed. */
export type Kill = "QUERY" | "CONNECTION";

/** Why somebody is in the way: it must still be so right before the act. */
export type Fault = "blocks" | "idles";

/** Why it is left alone. A daemon of the server's and a replication thread have no client. */
export function untouchable(
  transaction: Transaction,
  spec: MysqlSpec,
  { kill, fault }: { kill: Kill; fault: Fault },
): string | undefined {
  const { command, user } = transaction;
  if (command === null || user === null) return "nothing is known of its session";
  if (command === "Killed") return "it has been killed already, and its work is being undone";
  if (
    user === "system user" ||
    user === "event_scheduler" ||
    !["Query", "Execute", "Sleep"].includes(command)
  )
    return `it is no client's session (${user}, ${command})`;
  const forbidden =
    spec.only === undefined ? "only: allows nobody's sessions" : notAllowed(transaction, spec.only);
  if (forbidden !== undefined) return forbidden;
  // The lock goes from one to the next: whoever holds it now has done nothing wrong.
  if (fault === "blocks" && transaction.transactionMs < spec.blockedFor)
    return "it has not held its locks for so long itself; the queue moves";
  if (kill === "QUERY" && idles(transaction))
    return "it is idle in transaction, and KILL QUERY has no effect on that; it takes kill-connection";
  return undefined;
}
