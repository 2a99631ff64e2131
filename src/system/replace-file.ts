import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { HealqError, messageOf } from "../model/errors.ts";
import { temporaryBeside } from "./temporary.ts";

/** The time in the name of a backup: 2026-11-22T07-12-03.120Z. */
const stamp = /^\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.bak$/;

/**
 * Copies a file to `FILE.TIME.bak` beside it, with its owner and mode. When its newest backup holds the same bytes there is no other
 * one made: a file that is broken over and over in the same way does not fill the disk. Returns the backup's path.
 *
 * @param content what the file holds
 * @throws HealqError when it cannot be written; nothing is left behind then
 */
export function backUp(path: string, content: Buffer, now: number): string {
  const [folder, name] = [dirname(path), basename(path)];
  const newest = readdirSync(folder)
    .filter((other) => other.startsWith(name) && stamp.test(other.slice(name.length)))
    .sort()
    .at(-1);
  if (newest !== undefined && holds(join(folder, newest), content)) return join(folder, newest);
  const backup = `${path}.${new Date(now).toISOString().replaceAll(":", "-")}.bak`;
  writeLike(path, backup, content);
  return backup;
}

/**
 * Replaces a file in one piece, and keeps its owner and mode: readers see the old text or the new one.
 *
 * @param change what it held when the change was made up, and what it is to hold
 * @throws HealqError when somebody wrote it meanwhile, or it cannot be written; the file is as it was then
 */
export function replaceFile(path: string, change: { readonly from: Buffer; readonly to: Buffer }): void {
  const temporary = temporaryBeside(path);
  writeLike(path, temporary, change.to);
  try {
    if (!holds(path, change.from))
      throw new HealqError("patch", `${path} was written by somebody else meanwhile: it is left as it is`);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

/** A new file with the owner and mode of another one; not readable by others at any time. */
function writeLike(model: string, path: string, content: Buffer): void {
  const { uid, gid, mode } = statSync(model);
  try {
    const fd = openSync(path, "wx", 0o600);
    try {
      const own = statSync(path);
      if (own.uid !== uid || own.gid !== gid) fchownSync(fd, uid, gid);
      fchmodSync(fd, mode & 0o7777);
      writeFileSync(fd, content);
      fsyncSync(fd);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const said =
      code === "EPERM"
        ? `only uid ${uid} or root can write it and keep its owner and group`
        : messageOf(error);
    throw new HealqError("patch", `cannot write ${path}: ${said}`, { cause: error });
  }
}

function holds(path: string, content: Buffer): boolean {
  try {
    return statSync(path).size === content.length && readFileSync(path).equals(content);
  } catch {
    return false;
  }
}

/** A rename is on disk only when its folder is. Source: fsync(2). */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
