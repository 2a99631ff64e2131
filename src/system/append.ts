import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { spaceError } from "./space-error.ts";

/** How far back the end of a line is looked for, in bytes; healq's own lines are shorter. */
const longestLine = 1024 * 1024;
const newline = 0x0a;

/**
 * Adds one line to a file, whole or not at all: what a full disk let through is taken back, and a last line that a crash cut off
 * is removed first. Makes the file (mode 0600). Throws a `HealqError` when there is no room, else what the file system throws.
 */
export function appendLine(path: string, line: string): void {
  const fd = openSync(path, "a+", 0o600);
  try {
    const start = endOfLines(fd);
    try {
      writeWhole(fd, Buffer.from(`${line}\n`));
    } catch (error) {
      ftruncateSync(fd, start);
      throw spaceError(path, error);
    }
  } finally {
    closeSync(fd);
  }
}

/** Cuts off a last line that is not whole; gives the size of what is left. */
function endOfLines(fd: number): number {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  if (size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === newline)) return size;
  const from = Math.max(0, size - longestLine);
  const end = Buffer.alloc(size - from);
  readSync(fd, end, 0, end.length, from);
  const whole = from + end.lastIndexOf(newline) + 1;
  ftruncateSync(fd, whole);
  return whole;
}

function writeWhole(fd: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
}
