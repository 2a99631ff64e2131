import { readdirSync, readFileSync } from "node:fs";

/** What some processes use together. */
export interface Usage {
  /** Bytes; shared pages count in each process. */
  readonly rss: number;
  /** Bytes; shared pages count by their share. */
  readonly pss: number;
  /** CPU time so far, in milliseconds, children that have ended included; the kernel counts in hundredths of a second. */
  readonly cpuMs: number;
}

/** Adds up what the processes use now; those that are gone use nothing. Source: proc(5), `stat` and `smaps_rollup`. */
export function usageOf(pids: readonly number[]): Usage {
  let [rss, pss, cpuMs] = [0, 0, 0];
  for (const pid of pids) {
    const stat = statOf(pid);
    if (stat === undefined) continue;
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    cpuMs += stat.cpuMs;
    rss += kilobytes(rollup, "Rss");
    pss += kilobytes(rollup, "Pss");
  }
  return { rss, pss, cpuMs };
}

/** CPU time so far, in milliseconds. Cheaper than `usageOf`. */
export function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.cpuMs ?? 0), 0);
}

/** The process and all that descend from it. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const child = Number(name);
    const parent = Number.isInteger(child) ? statOf(child)?.parent : undefined;
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), child]);
  }
  const family = [pid];
  for (const member of family) family.push(...(parents.get(member) ?? []));
  return family;
}

/** Whether a process runs; a zombie does not. */
export function runs(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

function statOf(pid: number): { state: string; parent: number; cpuMs: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  // The name may hold blanks and brackets; what follows its last bracket may not.
  const [state, parent, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (state === undefined || parent === undefined) return undefined;
  // Fields 14 to 17: its own time and that of children that have ended; the state is field 3. A tick is 10 ms on every Linux in use.
  const ticks = rest.slice(9, 13).reduce((sum, each) => sum + Number(each), 0);
  return { state, parent: Number(parent), cpuMs: ticks * 10 };
}

function kilobytes(rollup: string, name: string): number {
  return Number(rollup.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1] ?? 0) * 1_024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
