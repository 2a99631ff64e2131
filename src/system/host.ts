import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { readMounts } from "./remote-mounts.ts";

/** Where the kernel tells of a machine. */
export interface Host {
  /** Usually `/proc`. */
  readonly proc: string;
  /** Usually `/sys`. */
  readonly sys: string;
  /** The control groups (version 2) healq is in, its own first; empty where there are none. Absolute folders. */
  readonly groups: readonly string[];
  /** The same of version 1, for memory alone; empty where memory is counted by version 2. */
  readonly memoryGroups: readonly string[];
}

let known: Host | undefined;

/** This machine. The control groups are looked up once: a process is not moved to another one while it runs, in practice. */
export function thisHost(): Host {
  known ??= { proc: "/proc", sys: "/sys", groups: ownGroups(), memoryGroups: ownMemoryGroups() };
  return known;
}

/** Memory as /proc/meminfo tells it, in bytes; undefined where it does not. Source: proc_meminfo(5). */
export function readMemory({ proc }: Host): { total: number; available: number } | undefined {
  const text = readText(join(proc, "meminfo"));
  const total = kilobytes(text, "MemTotal");
  // Never MemFree: a healthy machine has little of that, for files are cached in what is free.
  const available = kilobytes(text, "MemAvailable");
  return total === undefined || available === undefined ? undefined : { total, available };
}

/** The load averages of the last minute, five and fifteen; undefined where they are not told. */
export function readLoad({ proc }: Host): readonly [number, number, number] | undefined {
  const [one, five, fifteen] = (readText(join(proc, "loadavg")) ?? "").split(" ").map(Number);
  return one === undefined || five === undefined || fifteen === undefined ? undefined : [one, five, fifteen];
}

/** How many processors are switched on; the load of a machine is theirs, whichever of them healq may use. */
export function processorsOf({ sys }: Host): number {
  const ranges = (readText(join(sys, "devices/system/cpu/online")) ?? "").trim();
  let count = 0;
  for (const range of ranges.split(",")) {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    count += last - first + 1;
  }
  return ranges !== "" && Number.isInteger(count) && count > 0 ? count : availableParallelism();
}

/** The text of a small kernel file; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function kilobytes(text: string | undefined, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text ?? "")?.[1];
  return found === undefined ? undefined : Number(found) * 1_024;
}

function ownGroups(): string[] {
  const mount = readMounts().find(({ type }) => type === "cgroup2")?.point;
  return groupsBelow(mount, /^0::(\/.*)$/m);
}

/** Version 1 has a tree for each controller, or for some together (`cpu,cpuacct`), which its mount is named after. */
function ownMemoryGroups(): string[] {
  const mount = readMounts().find(
    ({ type, point }) => type === "cgroup" && basename(point).split(",").includes("memory"),
  )?.point;
  return groupsBelow(mount, /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.*)$/m);
}

/** Inside a container the path may be one of the machine, which is not there: then its parents are asked. Source: cgroups(7). */
function groupsBelow(mount: string | undefined, line: RegExp): string[] {
  const path = line.exec(readText("/proc/self/cgroup") ?? "")?.[1];
  if (mount === undefined || path === undefined) return [];
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts.map((_, index) => join(mount, ...parts.slice(0, parts.length - index))).concat(mount);
}
