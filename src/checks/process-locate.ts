import { resolve } from "node:path";
import type { CheckContext } from "../model/kind.ts";
import type { ExitInfo, Identity, ProcessRecord } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { readExit } from "../system/exit-status.ts";
import { createScan, type Finder, findProcesses, type Scan } from "../system/find.ts";
import { bootedAt, lifeOf, listProcesses, type ProcStat, startedAtOf } from "../system/procfs.ts";
import { watchedStatOf } from "../system/stat-file.ts";
import type { ProcessFields } from "./process-fields.ts";

/** A process that lives. */
export interface Living {
  readonly found: "alive";
  readonly identity: Identity;
  readonly stat: ProcStat;
  /** Milliseconds since the epoch, by today's clock. */
  readonly startedAt: number;
  /** How many others match too. */
  readonly others: number;
}

/** A process that does not. */
export interface Gone {
  readonly found: "gone";
  readonly record: ProcessRecord;
  /** How it ended, if that can be known. */
  readonly exit?: ExitInfo;
  /** It is still listed, because this parent has not waited for it. */
  readonly zombie?: { readonly pid: number; readonly parent: number };
  /** Where it was looked for, when healq did not start it: "no process matches /x/". */
  readonly soughtBy?: string;
}

/** Where the process of a target is: by `match`, `pidFile` or `port` if one is given, else by what was written down when it was started. */
export function locate(
  target: Target<ProcessFields>,
  context: CheckContext,
): Living | Gone | { found: "cannot tell"; why: string } {
  const record = context.processes.read(target.id);
  const finder = finderOf(target);
  if (finder === undefined) return byRecord(record, context);
  const { found, problem } = findProcesses(finder, scanOf(context));
  const [first, ...others] = found;
  if (first === undefined) {
    return problem === undefined
      ? { found: "gone", record, soughtBy: described(target.spec) }
      : { found: "cannot tell", why: problem };
  }
  const { identity, stat } = first;
  if (lifeOf(stat) !== "alive") {
    return {
      found: "gone",
      record,
      zombie: { pid: stat.pid, parent: stat.ppid },
      soughtBy: described(target.spec),
    };
  }
  return {
    found: "alive",
    identity,
    stat,
    startedAt: startOf(identity, undefined, context),
    others: others.length,
  };
}

/** Where a process that healq started is, by its name: a target's id, or that of a copy. */
export function locateStarted(name: string, context: CheckContext): Living | Gone {
  return byRecord(context.processes.read(name), context);
}

/** How many match that are no children of one that matches: a program with its workers is one. */
export function countFound(target: Target<ProcessFields>, context: CheckContext): number {
  const finder = finderOf(target);
  if (finder === undefined) return 0;
  const { found } = findProcesses(finder, scanOf(context));
  const living = found.filter(({ stat }) => lifeOf(stat) === "alive");
  const pids = new Set(living.map(({ stat }) => stat.pid));
  return living.filter(({ stat }) => !pids.has(stat.ppid)).length;
}

function scanOf({ shared }: CheckContext): Scan {
  return shared.once("scan", () => createScan(() => shared.once("processes", listProcesses)));
}

function byRecord(record: ProcessRecord, context: CheckContext): Living | Gone {
  const { identity } = record;
  if (identity === undefined) return gone(record, record.exit);
  const stat = watchedStatOf(identity, context.memory);
  if (stat === undefined) return gone(record, record.exit);
  if (lifeOf(stat) === "alive") {
    return {
      found: "alive",
      identity,
      stat,
      startedAt: startOf(identity, record.startedAt, context),
      others: 0,
    };
  }
  return {
    ...gone(record, record.exit ?? readExit(identity, context.now())),
    zombie: { pid: stat.pid, parent: stat.ppid },
  };
}

function gone(record: ProcessRecord, exit: ExitInfo | undefined): Gone {
  return { found: "gone", record, ...(exit !== undefined && { exit }) };
}

/**
 * When it started. What was written down is exact, but the clock may have been set since; the kernel's count of ticks
 * since boot has 10 ms and does not care. A count that lies in the future is a container's made-up uptime.
 */
function startOf(identity: Identity, written: number | undefined, context: CheckContext): number {
  const now = context.now();
  const counted = startedAtOf(identity, context.shared.once("booted", bootedAt));
  const usable = counted <= now + 1_000;
  if (written !== undefined && (!usable || Math.abs(written - counted) < 1_000))
    return Math.min(written, now);
  return Math.min(counted, now);
}

function finderOf(target: Target<ProcessFields>): Finder | undefined {
  const { match, pidFile, port, user } = target.spec;
  if (match !== undefined) return { match: new RegExp(match), ...(user !== undefined && { user }) };
  if (pidFile !== undefined) return { pidFile: resolve(target.base, pidFile) };
  return port === undefined ? undefined : { port };
}

function described(spec: ProcessFields): string {
  if (spec.match !== undefined) return `no process matches /${spec.match}/`;
  if (spec.pidFile !== undefined) return `${spec.pidFile} names no running process`;
  return `nothing listens on port ${spec.port}`;
}
