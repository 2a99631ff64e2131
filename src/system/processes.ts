import { realpathSync } from "node:fs";
import type { Clock } from "../lib/clock.ts";
import { HealqError } from "../model/errors.ts";
import type { ProcessControl } from "../model/ports.ts";
import type { ProcessSpec } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { openConsoles } from "./consoles.ts";
import { allCopies, signalCopies, startCopies, stopCopies, stopSurplus } from "./copies.ts";
import { disownForeign } from "./disown.ts";
import { type ExitListener, Exits } from "./exits.ts";
import { openLedger, toProcessRecord } from "./ledger.ts";
import { type Machinery, marksOf } from "./machinery.ts";
import { membersOf } from "./members.ts";
import { isAlive } from "./procfs.ts";
import { recoverIntents, type Unfinished } from "./recover.ts";
import { adoptByMarker, settleConsole } from "./start.ts";
import { callOffRestart } from "./stop.ts";

/** What `openProcesses` needs. */
export interface ProcessesOptions {
  /** Prepared by `prepareStateDir`, and held by the supervisor's lock. */
  readonly stateDir: string;
  /** How a target is started; undefined for one that healq does not start. */
  readonly specOf: (target: Target) => ProcessSpec | undefined;
  readonly clock: Clock;
  /** Where things worth knowing are said, a line each. */
  readonly log: (line: string) => void;
  /** The configured Redis URL: no process gets a variable with this value, nor REDIS_URL. */
  readonly redisUrl?: string | undefined;
}

/** An adopted process. */
export interface Adopted {
  /** The target's, or the name of one of its copies. */
  readonly id: string;
  readonly pid: number;
}

/** The processes of one supervisor. Calls for one target must not overlap: its lock is the caller's. */
export interface Processes extends ProcessControl {
  /**
   * Takes over what an earlier healq started and still lives, and listens to it. A death that happened meanwhile is noted
   * and told to the listeners, so add those first. To be called once, before `recover`.
   */
  adoptAll(targets: readonly Target[]): Adopted[];
  /** Tells of every exit, once, after it was written down; the result ends that. */
  onExit(listener: ExitListener): () => void;
  /** What an earlier healq left unfinished; see `Unfinished`. */
  recover(): Unfinished[];
  /** Says that a target is not started yet because it waits for `text` (`ProcessRecord.waitsFor`). */
  waiting(id: string, text: string): void;
  clearWaiting(id: string): void;
  /** Hears no more exits. The processes live on. */
  close(): void;
}

/** Opens the processes of a `stateDir`. Nothing is started, signalled or adopted before it is asked for. */
export function openProcesses(options: ProcessesOptions): Processes {
  const at = machineryOf(options);
  const { ledger, exits, clock } = at;
  let closed = false;
  const open = (): void => {
    if (closed) throw new HealqError("closed", "healq is stopping: nothing is started or stopped any more");
  };
  return {
    read: (id) => toProcessRecord(ledger.record(id), ledger.intent(id)),
    unwritable: () => ledger.unwritable(),
    copies: () => ledger.copies(),
    start: async (target, signal) => {
      open();
      return startCopies(at, target, signal);
    },
    stop: async (target, why, signal) => {
      open();
      return stopCopies(at, target, why, signal);
    },
    stopSurplus: async (target, signal) => {
      open();
      return stopSurplus(at, target, signal);
    },
    callOff: (target) => {
      for (const { id } of allCopies(at, target)) callOffRestart(at, id);
    },
    signal: async (target, signal) => signalCopies(at, target, signal),
    adoptAll: (targets) =>
      targets.flatMap((target) => allCopies(at, target).flatMap((copy) => adoptRecorded(at, copy))),
    onExit: (listener) => exits.onExit(listener),
    recover: () => recoverIntents(at),
    waiting: (id, text) =>
      ledger.writeIntent(id, { op: "start", stage: "waiting", waitsFor: text, at: clock.now() }),
    clearWaiting: (id) => {
      if (ledger.intent(id)?.stage === "waiting") ledger.clearIntent(id);
    },
    close: () => {
      closed = true;
      exits.close();
    },
  };
}

function machineryOf(options: ProcessesOptions): Machinery {
  // Resolved once: the marker's hash must not change if somebody moves a symbolic link.
  const stateDir = realpathSync(options.stateDir);
  const ledger = openLedger(stateDir);
  const { clock, log } = options;
  const consoles = openConsoles(stateDir);
  const members = (id: string) => membersOf(marksOf({ stateDir, ledger }, id));
  const exits = new Exits({ ledger, clock, log, consoles, members });
  return { ...options, stateDir, ledger, exits, consoles };
}

function adoptRecorded(at: Machinery, target: Target): Adopted[] {
  const { id } = target;
  const before = at.ledger.record(id)?.identity;
  disownForeign(at, id);
  // What was written down was changed: the real one, if it lives, still has its marker.
  if (before !== undefined && at.ledger.record(id)?.identity === undefined) adoptByMarker(at, id);
  const record = at.ledger.record(id);
  if (at.specOf(target) === undefined || record?.identity === undefined || record.exit !== undefined)
    return [];
  if (isAlive(record.identity) !== "alive") {
    void at.exits.noteDead(id, record.identity);
    return [];
  }
  at.exits.hearAdopted(id, record.identity);
  if (at.ledger.intent(id)?.stage === "spawning") settleConsole(at, id);
  at.ledger.writePid(id, record.identity.pid);
  return isAlive(record.identity) === "alive" ? [{ id, pid: record.identity.pid }] : [];
}
