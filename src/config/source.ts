import { constants, lstatSync, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf } from "../model/errors.ts";

/** The largest config that is read: 5 MB, some 30,000 targets. */
const largest = 5_000_000;

/** The text of a config file, or why there is none; `before` is the text before the fault, when that is inside the file. */
type Source =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly before?: string };

/** Reads a config file; never rejects. Only regular files: a pipe could be waited for without end. */
export async function readSource(file: string): Promise<Source> {
  try {
    // Opening a pipe without O_NONBLOCK would hang until someone writes to it.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) return { ok: false, message: "is a folder, not a config file" };
      if (!stat.isFile()) return { ok: false, message: "is not a regular file" };
      if (stat.size > largest) return { ok: false, message: `is larger than ${largest / 1e6} MB` };
      return decode(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, message: explain(file, error) };
  }
}

/** Bytes to text, strictly UTF-8; a byte order mark is taken off. */
function decode(bytes: Uint8Array): Source {
  if (bytes.length > largest) return { ok: false, message: `is larger than ${largest / 1e6} MB` };
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return { ok: false, message: "is UTF-16 text; save it as UTF-8" };
  const valid = validPrefix(bytes);
  if (valid < bytes.length) {
    return {
      ok: false,
      message: "is not valid UTF-8 from here on",
      before: new TextDecoder().decode(bytes.subarray(0, valid)),
    };
  }
  return { ok: true, text: new TextDecoder().decode(bytes) };
}

/** How many bytes from the start are whole, valid UTF-8: all of them, or those before the first fault, by halving. */
function validPrefix(bytes: Uint8Array): number {
  const isValid = (length: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), {
        stream: length < bytes.length,
      });
      return true;
    } catch {
      return false;
    }
  };
  if (isValid(bytes.length)) return bytes.length;
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isValid(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Why a file could not be read, for people. */
function explain(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ELOOP") return "is a link that leads back to itself";
  if (code === "ENOENT" && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    return `is a link to ${readlinkSync(file)}, which is not there`;
  if (code === "ENOENT") return "there is no such file; `healq init` writes one to start from";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  if (code === "ENOTDIR") return "there is no such file: a part of its path is no folder";
  if (code === "ENXIO") return "is not a regular file";
  return `cannot be read: ${messageOf(error)}`;
}
