import { readFileSync, statSync } from "node:fs";
import type { Identity } from "../model/process.ts";
import { accountOf } from "./account.ts";
import {
  identityFrom,
  listCommands,
  listProcesses,
  ownLineage,
  type ProcessEntry,
  type ProcStat,
  processOf,
} from "./procfs.ts";
import { holdersOf, listenersOn } from "./socket-owner.ts";

/** How a process that healq did not start is found. */
export type Finder =
  /** A pattern on the full command line (arguments joined by spaces), of that user if one is named. */
  | { readonly match: RegExp; readonly user?: string }
  /** The number in a file. As root it must belong to root or to the process' own user. */
  | { readonly pidFile: string }
  /** Who listens on that TCP port. */
  | { readonly port: number };

/** A process that was found. */
export interface FoundProcess {
  readonly identity: Identity;
  readonly stat: ProcStat;
  readonly cmdline: string;
}

/** What was found, leaders before their children, then the oldest first; or why the search could not tell. */
export interface Findings {
  readonly found: readonly FoundProcess[];
  /** For a person; the look is then `unknown`. */
  readonly problem?: string;
}

/** What the searches of one tick share; each part is read when it is first asked for. */
export interface Scan {
  /** Command lines by pid. */
  commands(): ReadonlyMap<number, string>;
  processes(): readonly ProcessEntry[];
  /** healq itself and its ancestors: they are never found. */
  lineage(): ReadonlySet<number>;
}

/** A scan that reads each part when it is first asked for; the processes from `list`, which may share them with others. */
export function createScan(list: () => readonly ProcessEntry[] = listProcesses): Scan {
  let commands: ReturnType<Scan["commands"]> | undefined;
  let processes: ReturnType<Scan["processes"]> | undefined;
  let lineage: ReturnType<Scan["lineage"]> | undefined;
  return {
    commands: () => {
      commands ??= listCommands();
      return commands;
    },
    processes: () => {
      processes ??= list();
      return processes;
    },
    lineage: () => {
      lineage ??= ownLineage();
      return lineage;
    },
  };
}

/** Finds processes; never healq itself or one of its ancestors. Changes nothing and does not throw. */
export function findProcesses(finder: Finder, scan: Scan = createScan()): Findings {
  if ("match" in finder) return findByMatch(finder, scan);
  if ("pidFile" in finder) return findByPidFile(finder.pidFile, scan);
  return findByPort(finder.port, scan);
}

function findByMatch(finder: { match: RegExp; user?: string }, scan: Scan): Findings {
  const uid = finder.user === undefined ? undefined : accountOf(finder.user)?.uid;
  if (finder.user !== undefined && uid === undefined)
    return { found: [], problem: `unknown user ${finder.user}` };
  // A pattern with the g or y flag would remember its place from one command line to the next.
  const pattern = new RegExp(finder.match.source, finder.match.flags.replace(/[gy]/g, ""));
  const lineage = scan.lineage();
  // All else costs calls to the kernel, so it is asked only of those that match.
  const matching: ProcessEntry[] = [];
  for (const [pid, command] of scan.commands()) {
    const entry = pattern.test(command) && !lineage.has(pid) ? processOf(pid) : undefined;
    if (entry !== undefined && (uid === undefined || entry.uid === uid)) matching.push(entry);
  }
  return listed(matching);
}

function findByPidFile(path: string, scan: Scan): Findings {
  const file = readPidFile(path);
  if ("problem" in file) return { found: [], problem: file.problem };
  const entry = scan.lineage().has(file.pid) ? undefined : processOf(file.pid);
  if (entry === undefined) return { found: [] };
  if (process.geteuid?.() === 0 && file.owner !== 0 && file.owner !== entry.uid) {
    return {
      found: [],
      problem: `${path} belongs to uid ${file.owner}, but pid ${file.pid} runs as uid ${entry.uid ?? "?"}: not believed`,
    };
  }
  return listed([entry]);
}

/** A missing file means that nothing runs, as for every init script; one that cannot be read means nothing. */
function readPidFile(path: string): { pid: number; owner: number } | { problem: string } {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { pid: 0, owner: 0 };
    if (!stats.isFile()) return { problem: `${path} is not a file` };
    const text = stats.size > 4_096 ? "" : readFileSync(path, "latin1");
    const pid = /^\s*([0-9]{1,10})\s*(?:\n|$)/.exec(text)?.[1];
    return pid === undefined
      ? { problem: `${path} does not begin with a pid` }
      : { pid: Number(pid), owner: stats.uid };
  } catch {
    return { problem: `${path} cannot be read` };
  }
}

function findByPort(port: number, scan: Scan): Findings {
  const inodes = listenersOn(port);
  const lineage = scan.lineage();
  const strangers = inodes.length === 0 ? [] : scan.processes().filter(({ pid }) => !lineage.has(pid));
  const holders = holdersOf(inodes, strangers);
  if (inodes.length > 0 && holders.length === 0) {
    return {
      found: [],
      problem: `somebody listens on port ${port}, but who it is cannot be seen (a process of another user?)`,
    };
  }
  return listed(holders);
}

function listed(entries: readonly ProcessEntry[]): Findings {
  const pids = new Set(entries.map((entry) => entry.pid));
  const rank = (entry: ProcessEntry): number => (pids.has(entry.stat.ppid) ? 1 : 0);
  const sorted = [...entries].sort((a, b) => rank(a) - rank(b) || a.stat.startTime - b.stat.startTime);
  return {
    found: sorted.map((entry) => ({
      identity: identityFrom(entry.stat),
      stat: entry.stat,
      cmdline: entry.cmdline,
    })),
  };
}
