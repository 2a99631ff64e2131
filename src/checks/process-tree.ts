import type { CheckContext } from "../model/kind.ts";
import { kernelUnits } from "../system/kernel-units.ts";
import { listProcesses, type ProcessEntry, type ProcStat } from "../system/procfs.ts";

/** Processes by their parent's pid. */
export type Children = ReadonlyMap<number, readonly ProcStat[]>;

/** All processes by their parents: one scan of /proc for all targets of a tick. */
export function childrenNow({ shared }: Pick<CheckContext, "shared">): Children {
  return shared.once("children of processes", () => childrenOf(shared.once("processes", listProcesses)));
}

/** Sorts one scan of /proc by parents. */
export function childrenOf(processes: readonly ProcessEntry[]): Children {
  const children = new Map<number, ProcStat[]>();
  for (const { stat } of processes) {
    const siblings = children.get(stat.ppid);
    if (siblings === undefined) children.set(stat.ppid, [stat]);
    else siblings.push(stat);
  }
  return children;
}

/** All descendants of a process, level by level; without itself. */
export function descendantsOf(pid: number, children: Children): ProcStat[] {
  const found = [...(children.get(pid) ?? [])];
  const known = new Set([pid]);
  for (let at = 0; at < found.length; at++) {
    const next = found[at];
    // Two reads of /proc may show a circle of pids that were used again.
    if (next === undefined || known.has(next.pid)) continue;
    known.add(next.pid);
    found.push(...(children.get(next.pid) ?? []));
  }
  return found;
}

/** Processor time of processes and of their children that have ended, in seconds. */
export function cpuOf(stats: readonly ProcStat[]): number {
  const ticks = stats.reduce((sum, stat) => sum + stat.cpuTicks + stat.childTicks, 0);
  return ticks / kernelUnits().clockTicks;
}
