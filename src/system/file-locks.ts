import { readdirSync, readFileSync, statSync } from "node:fs";

/** One advisory lock on a part of a file, as the kernel lists it. */
export interface FileLock {
  /** Who holds it; -1 for an OFD lock, which belongs to a descriptor and not to a process. */
  readonly pid: number;
  readonly write: boolean;
  /** Device of the file's superblock, `MAJOR:MINOR` in hexadecimal. */
  readonly device: string;
  readonly inode: string;
  /** First and last byte; `Infinity` to the end of the file. */
  readonly from: number;
  readonly to: number;
}

/** All locks, by the inode's number. */
export type LockTable = ReadonlyMap<string, readonly FileLock[]>;

/** A file as far as a lock on it can be told from one on another. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Waiting requests have `->` before their kind, and so do not match. Source: proc_locks(5). */
const lockLine =
  /^\d+: (?:POSIX|OFDLCK) +\S+ +(READ|WRITE) +(-?\d+) ([0-9a-f]+:[0-9a-f]+):(\d+) (\d+) (\d+|EOF)$/;

/** The locks that are held now. Disturbs nobody; undefined where there is no /proc/locks. Those held in other pid namespaces are not in it. */
export function readLocks(): LockTable | undefined {
  try {
    return parseLocks(readFileSync("/proc/locks", "utf8"));
  } catch {
    return undefined;
  }
}

/** Reads the lines of proc_locks(5): POSIX and OFD locks; flock(2) locks and leases have nothing to do with them. */
export function parseLocks(text: string): LockTable {
  const table = new Map<string, FileLock[]>();
  for (const line of text.split("\n")) {
    const [, access, pid, device, inode, from, to] = lockLine.exec(line) ?? [];
    if (device === undefined || inode === undefined) continue;
    const lock = {
      pid: Number(pid),
      write: access === "WRITE",
      device,
      inode,
      from: Number(from),
      to: to === "EOF" ? Number.POSITIVE_INFINITY : Number(to),
    };
    table.set(inode, [...(table.get(inode) ?? []), lock]);
  }
  return table;
}

/**
 * The locks on a file. On btrfs and some overlays a file shows another device than its superblock has; there the holder's
 * descriptors decide, and where they may not be read, the inode's number alone.
 */
export function locksOn(file: FileId, table: LockTable): readonly FileLock[] {
  const sameInode = table.get(file.ino.toString());
  if (sameInode === undefined) return [];
  const device = deviceName(file.dev);
  return sameInode.filter((lock) => lock.device === device || hasOpen(lock.pid, file) !== false);
}

/** Whether a process has the file open now; undefined when that may not be seen. */
export function hasOpen(pid: number, file: FileId): boolean | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const held = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true, throwIfNoEntry: false });
      return held !== undefined && held.ino === file.ino && held.dev === file.dev;
    });
  } catch {
    return undefined;
  }
}

/** `st_dev` as /proc/locks writes it. Source: gnu_dev_major and gnu_dev_minor of glibc. */
function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${hex(major)}:${hex(minor)}`;
}

function hex(part: bigint): string {
  return part.toString(16).padStart(2, "0");
}
