import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { messageOf } from "../model/errors.ts";

/** When a log is cut, and how many older parts stay: `path.1` (newest) to `path.KEEP`. */
export interface RotateOptions {
  /** Bytes. */
  readonly maxSize: number;
  /** Zero keeps nothing. */
  readonly keep: number;
}

/** How far a log may outgrow `maxSize` between two cuts and still be kept whole, in bytes. */
export const spareRoom = 8 * 1024 * 1024;

/** What was done; `problem` when the old part could not be kept and the log was cut all the same. */
export interface Rotated {
  readonly rotated: boolean;
  /** Bytes that were thrown away because the log had outgrown what is kept; absent when it was kept whole. */
  readonly dropped?: number;
  readonly problem?: string;
}

const underWay = new Set<string>();

/**
 * Cuts a log that has grown over `maxSize`, by copy and truncate, since its writer keeps it open. A line that is written
 * in the microseconds between the last read and the cut is lost. Of a log that has outgrown `maxSize` by more than
 * `spareRoom` only the newest part is kept, so that no part is ever much larger than both together: a program that writes
 * without end must not fill the disk. When there is no room for the copy the log is cut without one. A missing file or one
 * that is no file is left alone; a symbolic link, beside or in the place of the log, is never written through. Throws nothing.
 */
export async function rotate(path: string, options: RotateOptions): Promise<Rotated> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size <= options.maxSize || underWay.has(path))
    return { rotated: false };
  underWay.add(path);
  try {
    return await cut(path, { keep: options.keep, most: options.maxSize + spareRoom });
  } catch (error) {
    return { rotated: false, problem: `the log ${path} cannot be rotated: ${messageOf(error)}` };
  } finally {
    underWay.delete(path);
  }
}

async function cut(path: string, { keep, most }: { keep: number; most: number }): Promise<Rotated> {
  const source = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  const copy = `${path}.copy`;
  let dropped: number;
  try {
    if (keep < 1) {
      ftruncateSync(source, 0);
      return { rotated: true };
    }
    try {
      const from = Math.max(0, fstatSync(source).size - most);
      const end = await copyFrom(source, copy, { from, most });
      dropped = from + Math.max(0, fstatSync(source).size - end);
    } catch (error) {
      ftruncateSync(source, 0);
      removeQuietly(copy);
      return {
        rotated: true,
        problem: `the log ${path} was cut and its old part is lost: ${messageOf(error)}`,
      };
    }
    // Nothing is awaited between the end of the copy and the cut.
    ftruncateSync(source, 0);
  } finally {
    closeSync(source);
  }
  shift(path, keep);
  renameSync(copy, `${path}.1`);
  return dropped > 0 ? { rotated: true, dropped } : { rotated: true };
}

/**
 * Copies from `from` to the end, which may move meanwhile; the last look for more is synchronous. A program that writes faster
 * than we copy would keep us for ever: after `most` bytes and a block the rest is given up. Resolves with how far it came.
 */
async function copyFrom(
  source: number,
  path: string,
  { from, most }: { from: number; most: number },
): Promise<number> {
  const how = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const target = await open(path, how, 0o640);
  try {
    const block = Buffer.alloc(1024 * 1024);
    let at = from;
    for (;;) {
      const read = readSync(source, block, 0, block.length, at);
      if (read === 0 || at - from > most) return at;
      await writeWhole(target, block.subarray(0, read), at - from);
      at += read;
    }
  } finally {
    closeSoon(target);
  }
}

async function writeWhole(target: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await target.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** What is left of a failed copy takes room; that it cannot be removed is no reason to stop here. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is no file of ours, then.
  }
}

/** Not awaited, so that the cut follows the last read in the same turn of the loop. */
function closeSoon(target: FileHandle): void {
  target.close().catch(() => undefined);
}

function shift(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true });
  for (let part = keep - 1; part >= 1; part -= 1) {
    if (statSync(`${path}.${part}`, { throwIfNoEntry: false }) !== undefined)
      renameSync(`${path}.${part}`, `${path}.${part + 1}`);
  }
}
