import { type Machinery, marksOf } from "./machinery.ts";
import { isForeign } from "./members.ts";
import { isAlive } from "./procfs.ts";

/**
 * Forgets what is written down about a target's process when that is certainly not one of ours, so that it is never
 * signalled: the file was changed by somebody. Asked before each adoption, start, stop and signal; costs one small read.
 */
export function disownForeign(at: Machinery, id: string): void {
  const record = at.ledger.record(id);
  const { identity } = record ?? {};
  if (record === undefined || identity === undefined || isAlive(identity) !== "alive") return;
  if (!isForeign(identity.pid, marksOf(at, id))) return;
  at.log(`${id}: pid ${identity.pid} is written down as its process, but healq did not start it: left alone`);
  const { identity: _foreign, group: _group, instance: _instance, startedAt: _startedAt, ...rest } = record;
  at.ledger.writeRecord(id, rest);
}
