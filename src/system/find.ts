import { readFileSync, statSync } from "node:fs";
import type { Identity } from "../model/process.ts";
import { accountOf } from "./account.ts";
import { identityFrom, listProcesses, ownLineage, type ProcessEntry, type ProcStat } from "./procfs.ts";
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

/**
 * Finds processes; never healq itself or one of its ancestors. Changes nothing and does not throw.
 * `processes` is one scan that the targets of a tick share; default: a new one.
 */
export function findProcesses(
  finder: Finder,
  processes: readonly ProcessEntry[] = listProcesses(),
): Findings {
  const lineage = ownLineage();
  const others = processes.filter((entry) => !lineage.has(entry.pid));
  if ("match" in finder) return findByMatch(finder, others);
  if ("pidFile" in finder) return findByPidFile(finder.pidFile, others);
  return findByPort(finder.port, others);
}

function findByMatch(finder: { match: RegExp; user?: string }, processes: readonly ProcessEntry[]): Findings {
  const uid = finder.user === undefined ? undefined : accountOf(finder.user)?.uid;
  if (finder.user !== undefined && uid === undefined)
    return { found: [], problem: `unknown user ${finder.user}` };
  // A pattern with the g or y flag would remember its place from one command line to the next.
  const pattern = new RegExp(finder.match.source, finder.match.flags.replace(/[gy]/g, ""));
  return listed(
    processes.filter(
      (entry) =>
        (uid === undefined || entry.uid === uid) && entry.cmdline !== "" && pattern.test(entry.cmdline),
    ),
  );
}

function findByPidFile(path: string, processes: readonly ProcessEntry[]): Findings {
  const file = readPidFile(path);
  if ("problem" in file) return { found: [], problem: file.problem };
  const entry = processes.find((candidate) => candidate.pid === file.pid);
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

function findByPort(port: number, processes: readonly ProcessEntry[]): Findings {
  const inodes = listenersOn(port);
  const holders = holdersOf(inodes, processes);
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
