import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../model/errors.ts";
import { makeFolder } from "./make-folder.ts";

/** How much of a log's end is ever read for its last lines. */
const tailBytes = 64 * 1024;

/** A log opened for a process' output; the caller closes it. */
export type OpenedLog = { readonly fd: number } | { readonly problem: string };

/**
 * Opens a log to append to (O_APPEND: after a cut the next write goes to the new end), and makes its folder.
 * O_NONBLOCK, so that a FIFO without a reader is an error here and not a healq that hangs. O_NOFOLLOW: who may write to the
 * folder could otherwise have a healq that runs as root write to any file.
 */
export function openLog(path: string): OpenedLog {
  try {
    makeFolder(dirname(path), 0o750);
  } catch (error) {
    return { problem: `the log's folder ${dirname(path)} cannot be created: ${messageOf(error)}` };
  }
  try {
    const how = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
    const fd = openSync(path, how | unlessLink(path), 0o640);
    const stats = fstatSync(fd);
    if (stats.isFile() || stats.isCharacterDevice()) return { fd };
    closeSync(fd);
    return { problem: `the log ${path} is not a file` };
  } catch (error) {
    const isLink = error instanceof Error && "code" in error && error.code === "ELOOP";
    return {
      problem: isLink
        ? `the log ${path} is a symbolic link, which healq does not write through; remove it, or name the file itself in log.path`
        : `the log ${path} cannot be written: ${messageOf(error)}`,
    };
  }
}

/** The flag that refuses a symbolic link; /dev/stdout is one, and only root can put one there. */
function unlessLink(path: string): number {
  return dirname(path) === "/dev" ? 0 : constants.O_NOFOLLOW;
}

/**
 * The last lines of a file, oldest first, from at most its last 64 KiB; a longer line is cut at its start and then
 * begins with "…". Bytes that are no text read as U+FFFD. Empty when there is no such file, or it is a link. Synchronous, under 1 ms.
 */
export function tail(path: string, lines: number): string[] {
  const end = readEnd(path);
  if (end === undefined || lines < 1) return [];
  const all = end.text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (end.cut) {
    const first = all.shift() ?? "";
    // The cut may have gone through the middle of a character: what is left of it is no text.
    if (all.length === 0) all.push(`…${first.replace(/^\uFFFD{1,3}/, "")}`);
  }
  return all.length === 1 && all[0] === "" ? [] : all.slice(-lines);
}

function readEnd(path: string): { text: string; cut: boolean } | undefined {
  let fd: number | undefined;
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - tailBytes);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    const read = readSync(fd, bytes, 0, bytes.length, start);
    return { text: bytes.toString("utf8", 0, read), cut: start > 0 };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
