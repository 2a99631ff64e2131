import { type BigIntStats, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { createSlices } from "../lib/slices.ts";
import { readStat } from "./procfs.ts";
import { readMounts, remoteMountOf } from "./remote-mounts.ts";

/** A file that a process has open. */
interface OpenFile {
  readonly pid: number;
  /** As the kernel tells it; ends in ` (deleted)` when no name is left. */
  readonly link: string;
  /** Asks the file itself, whatever its name leads to now; undefined when it is closed meanwhile. */
  stat(): BigIntStats | undefined;
}

/** Which files are in use. */
export interface InUse {
  has(file: { readonly dev: bigint; readonly ino: bigint; readonly name: string }): boolean;
  /** Processes whose files could not be seen, for they are another user's. */
  readonly unseen: number;
}

/** The open files of all processes, and those mapped into their memory, by one scan of /proc. Rejects when `signal` aborts. */
export async function filesInUse(signal: AbortSignal): Promise<InUse> {
  const open = new Set<string>();
  const mapped = new Set<string>();
  const unseen = await scan(signal, {
    file: (file) => {
      const found = file.stat();
      if (found?.isFile() === true) open.add(`${found.dev}:${found.ino}`);
    },
    process: (pid) => addMapped(pid, mapped),
  });
  return {
    has: ({ dev, ino, name }) =>
      open.has(`${dev}:${ino}`) || mapped.has(`${ino} ${deviceText(dev)}`) || mapped.has(`${ino} ${name}`),
    unseen,
  };
}

/** Files without a name that are still open, which only their holders' end gives back. */
export interface Deleted {
  readonly pid: number;
  /** The name it had. */
  readonly path: string;
  /** What it takes on the disk, in bytes. */
  readonly bytes: number;
}

/** Those on one device, each once, the largest first. Source: the links in /proc/PID/fd that end in ` (deleted)`. */
export async function deletedButOpen(device: number, signal: AbortSignal): Promise<Deleted[]> {
  const found = new Map<bigint, Deleted>();
  await scan(signal, {
    file: (file) => {
      if (!file.link.endsWith(mark)) return;
      const stats = file.stat();
      // A file may really be called so; then it has a name.
      if (stats === undefined || stats.nlink > 0n || Number(stats.dev) !== device) return;
      const bytes = Number(stats.blocks) * 512;
      found.set(stats.ino, { pid: file.pid, path: file.link.slice(0, -mark.length), bytes });
    },
  });
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}

const mark = " (deleted)";

/** Visits all open files, in slices; resolves to how many processes could not be seen into. */
async function scan(
  signal: AbortSignal,
  visit: { file: (file: OpenFile) => void; process?: (pid: number) => void },
): Promise<number> {
  signal.throwIfAborted();
  const slices = createSlices(signal);
  const mounts = readMounts();
  const names = readdirSync("/proc");
  // Process 1 is always there: where it is hidden (hidepid), others are too.
  let unseen = names.includes("1") ? 0 : 1;
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const descriptors = descriptorsOf(pid);
    if (descriptors === undefined) unseen += 1;
    for (const fd of descriptors ?? []) {
      const link = linkOf(`/proc/${pid}/fd/${fd}`);
      // Not of sockets and pipes; and a network mount may hang.
      if (link?.startsWith("/") !== true || remoteMountOf(link, mounts) !== undefined) continue;
      visit.file({ pid, link, stat: () => statOf(`/proc/${pid}/fd/${fd}`) });
      if (slices.due()) await slices.pause();
    }
    visit.process?.(pid);
    if (slices.due()) await slices.pause();
  }
  return unseen;
}

/** Undefined when they may not be seen; none when the process is gone. */
function descriptorsOf(pid: number): string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const isHidden = (code === "EACCES" || code === "EPERM") && readStat(pid)?.state !== "Z";
    return isHidden ? undefined : [];
  }
}

/**
 * By inode and device, and by inode and name: on some file systems (Btrfs, overlays) the device in /proc/PID/maps is not the one
 * that stat(2) tells. Source: proc_pid_maps(5).
 */
function addMapped(pid: number, mapped: Set<string>): void {
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, "utf8");
    for (const [, device, inode, path = ""] of maps.matchAll(/^\S+ \S+ \S+ (\S+) ([1-9]\d*) *(.*)$/gm)) {
      const name = path.slice(path.lastIndexOf("/") + 1).replaceAll("\\012", "\n");
      mapped.add(`${inode} ${device}`).add(`${inode} ${name}`);
    }
  } catch {
    // It is gone, or another user's.
  }
}

/** `fe:01`, as maps has it. Source: makedev(3). */
function deviceText(device: bigint): string {
  const major = (device >> 8n) & 0xfffn;
  const minor = (device & 0xffn) | ((device >> 12n) & 0xfff00n);
  return [major, minor].map((number) => number.toString(16).padStart(2, "0")).join(":");
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
