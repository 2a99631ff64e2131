import type { Readable } from "node:stream";
import { plain } from "../lib/plain.ts";

/** The end of what a program wrote. */
export interface KeptLines {
  /** At most five lines, oldest first, without control characters, each at most 200 characters. */
  lines(): readonly string[];
}

/** Bytes that are kept; all else is read and thrown away, so that the program does not block. */
const keptBytes = 8_192;

/** Reads a stream to its end and keeps its last lines. */
export function keepLastLines(stream: Readable): KeptLines {
  let kept = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer | string) => {
    kept = Buffer.concat([kept, Buffer.from(chunk)]).subarray(-keptBytes);
  });
  stream.on("error", () => undefined);
  return {
    lines: () =>
      kept
        .toString("utf8")
        .split(/\r?\n|\r/)
        .map(plain)
        .filter((line) => line !== "")
        .slice(-5),
  };
}
