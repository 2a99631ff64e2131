import { join } from "node:path";
import { type Host, readText } from "./host.ts";

/** A control group that limits memory. Bytes. */
export interface MemoryLimit {
  readonly group: string;
  readonly total: number;
  readonly available: number;
}

/** How a version of control groups names what is asked here. */
interface Names {
  readonly limit: string;
  readonly usage: string;
  /** A line of memory.stat. */
  readonly cached: RegExp;
}

/** Source: Documentation/admin-guide/cgroup-v2.rst. */
const version2: Names = { limit: "memory.max", usage: "memory.current", cached: /^inactive_file (\d+)$/m };

/** Source: Documentation/admin-guide/cgroup-v1/memory.rst. */
const version1: Names = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  // The others are without what groups below it use.
  cached: /^total_inactive_file (\d+)$/m,
};

/** Version 1 has no word for "no limit", but a number that no machine has. Bytes. */
const noLimit = 2 ** 60;

/** The memory limits healq is under, its own group's and those above. */
export function memoryLimits({ groups, memoryGroups }: Host): MemoryLimit[] {
  return [...groups.flatMap(limitBy(version2)), ...memoryGroups.flatMap(limitBy(version1))];
}

function limitBy(names: Names): (group: string) => MemoryLimit[] {
  return (group) => {
    const total = Number.parseInt(readText(join(group, names.limit)) ?? "max", 10);
    const current = Number.parseInt(readText(join(group, names.usage)) ?? "", 10);
    if (Number.isNaN(total) || total >= noLimit || Number.isNaN(current)) return [];
    // What files cache is given back when it is needed, so it is as good as free, as it is in MemAvailable.
    const cached = names.cached.exec(readText(join(group, "memory.stat")) ?? "")?.[1] ?? "0";
    const used = Math.max(0, current - Number(cached));
    return [{ group, total, available: Math.max(0, total - used) }];
  };
}

/** The groups above healq, or its own, that limit the time of processors. */
export function processorLimits({ groups }: Host): string[] {
  return groups.filter((group) => /^\d+ \d+/.test(readText(join(group, "cpu.max")) ?? "max"));
}
