// What the workers share: files of one JSON object a line, kept short.
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const largest = 1_000_000;

/** Adds a line. A file that has grown too large begins anew with it, in one step, so that a reader never finds it empty. */
export function append(path, value) {
  const line = `${JSON.stringify(value)}\n`;
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size < largest) return appendFileSync(path, line);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, line);
  renameSync(`${path}.new`, path);
}

/** The newest lines, oldest first. */
export function newest(path, count) {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.slice(-count).map((line) => JSON.parse(line));
}
