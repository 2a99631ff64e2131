import type { ProcessView } from "../model/ports.ts";
import { cachedByFolders } from "./folder-cache.ts";
import { recordFolders } from "./layout.ts";
import { openLedger, toProcessRecord } from "./ledger.ts";

/**
 * Reads what `stateDir` says of the processes, from its files alone: for checks and for the CLI beside a supervisor. Both sorts of files
 * are replaced in one piece, so all looks of a tick share two `stat`s.
 */
export function readProcesses(stateDir: string): ProcessView {
  const ledger = openLedger(stateDir);
  const read = (id: string) => toProcessRecord(ledger.record(id), ledger.intent(id));
  return { read: cachedByFolders(recordFolders(stateDir), read), copies: () => ledger.copies() };
}
