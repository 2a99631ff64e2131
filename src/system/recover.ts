import type { StopReason } from "../model/ports.ts";
import type { Intent } from "./ledger.ts";
import type { Machinery } from "./machinery.ts";
import { isAlive } from "./procfs.ts";
import { adoptByMarker } from "./start.ts";

/** What an earlier healq was doing when it ended, and what is left to do for this one. */
export interface Unfinished {
  /** The target's, or the name of one of its copies. */
  readonly id: string;
  /**
   * - `none`     already set right here: a copy that was spawned but not written down is adopted now
   * - `start`    it was down on purpose, between the halves of a restart, or its start came to nothing
   * - `restart`  it was being stopped for a restart: stop it (again), then start it
   * - `stop`     it was being stopped by a person or at shutdown (`why`): stop it (again)
   *
   * A person may have said something else meanwhile: wishes and pauses come first.
   */
  readonly todo: "none" | "start" | "restart" | "stop";
  readonly why?: StopReason;
  /** The adopted process. */
  readonly pid?: number;
  /** For the audit and the log: what was found. */
  readonly was: string;
}

/**
 * Reads the intents that were left over. Those with something to do stay until `start` or `stop` does it, so that a second
 * crash loses nothing. To be called once, before anything is started.
 */
export function recoverIntents(at: Machinery): Unfinished[] {
  const all: Unfinished[] = [];
  for (const id of at.ledger.intentIds()) {
    const intent = at.ledger.intent(id);
    const unfinished = intent === undefined ? undefined : judge(at, id, intent);
    if (unfinished === undefined || unfinished.todo === "none") at.ledger.clearIntent(id);
    if (unfinished !== undefined) all.push(unfinished);
  }
  return all;
}

function judge(at: Machinery, id: string, intent: Intent): Unfinished | undefined {
  switch (intent.stage) {
    case "waiting":
      return undefined;
    case "spawning":
      return judgeSpawn(at, id, intent);
    case "stopped":
      return { id, todo: "start", was: "stopped for a restart and not started again" };
    case "stopping": {
      const why = intent.why ?? "heal";
      if (intent.op === "restart") return { id, todo: "restart", why, was: "being stopped for a restart" };
      return {
        id,
        todo: "stop",
        why,
        was: why === "person" ? "being stopped by a person" : "being stopped at shutdown",
      };
    }
  }
}

function judgeSpawn(at: Machinery, id: string, intent: Intent): Unfinished {
  const record = at.ledger.record(id);
  const was = "being started";
  // Written down already: only the intent was not yet cleared. If it has died since, that is an exit like any other.
  if (record?.identity !== undefined && record.instance === intent.instance) {
    const alive = isAlive(record.identity) === "alive";
    return { id, todo: "none", was, ...(alive && { pid: record.identity.pid }) };
  }
  const adopted = adoptByMarker(at, id);
  return adopted === undefined ? { id, todo: "start", was } : { id, todo: "none", pid: adopted.pid, was };
}
