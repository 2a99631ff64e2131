import { readFileSync } from "node:fs";
import { lifeOf, type ProcStat, readStat } from "./procfs.ts";

/** Why nobody looks after a process any more. */
export type Abandoned = "stopped" | "orphaned";

/**
 * Whether a process was left behind: stopped by a signal (Ctrl-Z), or an orphan. One that a debugger holds (state `t`) is
 * looked after. An orphan's session has no leader any more, its parent is of another session, and it is no service of
 * systemd: daemons, too, are children of pid 1, but lead a session of their own or belong to a service.
 */
export function abandoned(stat: ProcStat): Abandoned | undefined {
  if (stat.state === "T") return "stopped";
  return isOrphan(stat) ? "orphaned" : undefined;
}

function isOrphan({ pid, ppid, session }: ProcStat): boolean {
  // 0: in another pid namespace, where it cannot be seen.
  if (session === 0 || ppid === 0 || session === pid) return false;
  const leader = readStat(session);
  if (leader !== undefined && lifeOf(leader) === "alive") return false;
  return readStat(ppid)?.session !== session && !isService(pid);
}

/** Its control group is a unit of systemd that is started and stopped as a whole. */
function isService(pid: number): boolean {
  try {
    const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").trimEnd().split("\n");
    return groups.some((line) => line.endsWith(".service"));
  } catch {
    return false;
  }
}
