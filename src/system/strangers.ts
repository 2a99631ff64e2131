import { readFileSync, readlinkSync } from "node:fs";
import { markerName } from "./environment.ts";
import { environValue, lifeOf, ownLineage, type ProcessEntry } from "./procfs.ts";

/**
 * The processes that somebody else started just like ours: with the very same arguments as one of ours, as the same user, in the same
 * folder. Not one that carries a marker of this healq or descends from one of ours, as the children of a program that forks
 * do; and one that cannot be read (its folder, its environment) is none. `ours`: pids that live. Changes nothing.
 */
export function strangers(ours: readonly number[], processes: readonly ProcessEntry[]): number[] {
  const known = new Set(ours);
  const parents = new Map(processes.map(({ pid, stat }) => [pid, stat.ppid]));
  const own = processes.filter(({ pid }) => known.has(pid));
  const lines = new Set(own.map(({ cmdline }) => cmdline));
  const prints = new Set(own.map(printOf));
  const hashes = new Set(own.map(({ pid }) => hashOf(pid)));
  const lineage = ownLineage();
  return (
    processes
      .filter((entry) => !known.has(entry.pid) && !lineage.has(entry.pid) && lifeOf(entry.stat) === "alive")
      // The shared scan has read the line for the first time that anybody asked; all else is read of the few that are left.
      .filter((entry) => entry.cmdline !== "" && lines.has(entry.cmdline))
      .filter((entry) => {
        const print = printOf(entry);
        return print !== undefined && prints.has(print);
      })
      .filter(({ pid }) => {
        const hash = hashOf(pid);
        return hash === undefined || !hashes.has(hash);
      })
      .filter(({ pid }) => !descends(pid, known, parents))
      .map(({ pid }) => pid)
  );
}

/** User, folder and arguments; undefined when they cannot be read. */
function printOf({ pid, uid }: ProcessEntry): string | undefined {
  try {
    return [uid, readlinkSync(`/proc/${pid}/cwd`), readFileSync(`/proc/${pid}/cmdline`, "utf8")].join("\0");
  } catch {
    return undefined;
  }
}

/** Which healq started it: the first part of its marker. */
function hashOf(pid: number): string | undefined {
  return environValue(pid, markerName)?.split("/")[0];
}

function descends(pid: number, from: ReadonlySet<number>, parents: ReadonlyMap<number, number>): boolean {
  let parent = parents.get(pid);
  // A chain of parents is short; a scan that is not of one moment could make a circle.
  for (let steps = 0; parent !== undefined && steps < 100; steps += 1) {
    if (from.has(parent)) return true;
    parent = parents.get(parent);
  }
  return false;
}
