import { readFileSync } from "node:fs";

/**
 * The memory of a process where a page that several share counts for each in part, in bytes; undefined when it may not be
 * read, or is gone. The kernel walks all its pages for it: 0.1 to 10 ms, where /proc/PID/stat takes 7 µs. Source: proc_pid_smaps(5).
 */
export function pssOf(pid: number): number | undefined {
  try {
    const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
