import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Read at most so much from the end of a file, in bytes, unless told otherwise. */
const usualLimit = 64 * 1024 * 1024;
const chunk = 64 * 1024;

/** The end of a file: its last lines, and where a follower goes on. */
export interface FileEnd {
  /** Whole lines; the last one may still be without its line feed. */
  readonly text: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Device and inode: another file under the same path is another log. */
  readonly file: string;
  /** Fewer lines than were asked for, because more than `atMost` bytes would have had to be read. */
  readonly cut: boolean;
}

/**
 * The last `lines` lines of a file; undefined when there is none. Reads from the end, only as much as is needed, and at
 * most about `atMost` bytes (default 64 MiB): of what is longer, the newest whole lines.
 */
export function lastLines(
  path: string,
  lines: number,
  { atMost = usualLimit }: { atMost?: number } = {},
): FileEnd | undefined {
  const fd = open(path);
  if (fd === undefined) return undefined;
  try {
    const { size, dev, ino } = fstatSync(fd);
    const parts: Buffer[] = [];
    let start = size;
    let feeds = 0;
    while (start > 0 && feeds <= lines && size - start < atMost) {
      const length = Math.min(chunk, start);
      start -= length;
      const bytes = Buffer.alloc(length);
      parts.unshift(bytes.subarray(0, readSync(fd, bytes, 0, length, start)));
      feeds += bytes.filter((byte) => byte === 0x0a).length;
    }
    const cut = start > 0 && feeds <= lines;
    const text = Buffer.concat(parts).toString("utf8");
    return {
      // What it begins with may be half a line.
      text: lastOf(cut ? text.slice(text.indexOf("\n") + 1) : text, lines),
      offset: size,
      file: `${dev}:${ino}`,
      cut,
    };
  } finally {
    closeSync(fd);
  }
}

function lastOf(text: string, lines: number): string {
  const ends = text.endsWith("\n");
  const all = (ends ? text.slice(0, -1) : text).split("\n");
  return text === "" ? "" : `${all.slice(-lines).join("\n")}${ends ? "\n" : ""}`;
}

function open(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
