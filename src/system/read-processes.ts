import type { ProcessView } from "../model/ports.ts";
import { openLedger, toProcessRecord } from "./ledger.ts";

/** Reads what `stateDir` says of the processes, from its files alone: for checks and for the CLI beside a supervisor. */
export function readProcesses(stateDir: string): ProcessView {
  const ledger = openLedger(stateDir);
  return { read: (id) => toProcessRecord(ledger.record(id), ledger.intent(id)) };
}
