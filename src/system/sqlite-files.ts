import { type BigIntStats, lstatSync, realpathSync, statSync } from "node:fs";
import { messageOf } from "../model/errors.ts";
import { type FileId, type FileLock, type LockTable, locksOn } from "./file-locks.ts";

/** One file of a database. */
export interface DatabaseFile extends FileId {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
}

/** A database and what SQLite keeps beside it, as stat(2) sees them: healq's own process opens none of them. */
export interface DatabaseFiles {
  /** Links are resolved, as SQLite does: the other files lie beside the real one. */
  readonly path: string;
  readonly main: DatabaseFile;
  /** `-wal`: what was committed and is not in the database file yet. */
  readonly wal?: DatabaseFile;
  /** `-shm`: the index of the WAL, on which its locks are. */
  readonly shm?: DatabaseFile;
}

/** Finds the files of a database on a local file system; synchronous, and opens nothing. */
export function databaseFiles(path: string): DatabaseFiles | { readonly problem: string } {
  try {
    const link = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const real = link?.isSymbolicLink() === true ? realpathSync(path) : path;
    const main = real === path ? link : statSync(real, { bigint: true });
    if (main === undefined) return { problem: "is missing" };
    if (!main.isFile()) return { problem: "is not a regular file" };
    const wal = statSync(`${real}-wal`, { bigint: true, throwIfNoEntry: false });
    const shm = statSync(`${real}-shm`, { bigint: true, throwIfNoEntry: false });
    return {
      path: real,
      main: fileOf(main),
      ...(wal === undefined ? {} : { wal: fileOf(wal) }),
      ...(shm === undefined ? {} : { shm: fileOf(shm) }),
    };
  } catch (error) {
    return { problem: `cannot be looked at: ${reasonOf(error)}` };
  }
}

function fileOf({ dev, ino, size, mtimeMs }: BigIntStats): DatabaseFile {
  return { dev, ino, size: Number(size), mtimeMs: Number(mtimeMs) };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES") return "permission denied";
  if (code === "ENOENT") return "it is a link that leads nowhere";
  return messageOf(error);
}

/** Bytes of `-shm` on which WAL mode locks. Source: WALINDEX_LOCK_OFFSET and WAL_*_LOCK of SQLite's wal.c. */
const wal = { write: 120, firstReader: 123, lastReader: 127 } as const;

/** Bytes of the database file on which rollback mode locks: pending, reserved, shared. Source: os.h, PENDING_BYTE. */
const rollback = { pending: 0x4000_0000, last: 0x4000_0000 + 511 } as const;

/** The write lock of a database. */
export interface WriteLock {
  /** Who holds it; -1 when the kernel does not say. */
  readonly pid: number;
  /** Where it was seen: `byte 120 of app.db-shm`. */
  readonly on: string;
  /** The file that it is on. */
  readonly file: DatabaseFile;
}

/** Who may write now: in WAL mode byte 120 of `-shm`; in rollback mode reserved, pending and exclusive are write locks around 1 GiB of the file. */
export function writeLockOf(files: DatabaseFiles, table: LockTable): WriteLock | undefined {
  const { main, shm } = files;
  const name = files.path.slice(files.path.lastIndexOf("/") + 1);
  const inMain = locksOn(main, table).find(
    (lock) => lock.write && meets(lock, rollback.pending, rollback.last),
  );
  if (inMain !== undefined)
    return { pid: inMain.pid, on: `byte ${Math.max(inMain.from, rollback.pending)} of ${name}`, file: main };
  if (shm === undefined) return undefined;
  const inShm = locksOn(shm, table).find((lock) => lock.write && meets(lock, wal.write, wal.write));
  return inShm && { pid: inShm.pid, on: `byte ${wal.write} of ${name}-shm`, file: shm };
}

/** The processes that read by way of the WAL now, each once: it cannot be emptied before they are done. */
export function walReaders({ shm }: DatabaseFiles, table: LockTable): readonly number[] {
  if (shm === undefined) return [];
  const readers = locksOn(shm, table).filter(
    (lock) => !lock.write && meets(lock, wal.firstReader, wal.lastReader),
  );
  return [...new Set(readers.map((lock) => lock.pid))];
}

function meets(lock: FileLock, first: number, last: number): boolean {
  return lock.from <= last && lock.to >= first;
}
