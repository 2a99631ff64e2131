import { execFile } from "node:child_process";
import { closeSync, constants, lstatSync, openSync, readSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { HealqError } from "../model/errors.ts";

/** Makes the FIFO if it is not there, by the `mkfifo` program: Node has no call for it. Another file there is removed. */
export async function ensureFifo(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFIFO() === true) return;
  if (stats !== undefined) rmSync(path, { force: true });
  const failure = await mkfifo(path);
  if (failure === undefined || isFifo(path)) return;
  throw new HealqError("fifo", `the FIFO ${path} cannot be made: ${failure}`);
}

/** Why it could not be made; undefined when it was. */
function mkfifo(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("mkfifo", ["-m", "600", path], { timeout: 5_000 }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (error.code === "ENOENT") resolve("the program mkfifo is missing (package coreutils)");
      else resolve(stderr.trim() || error.message);
    });
  });
}

/** True if there is a FIFO at this path. */
export function isFifo(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

/** Opens the end that is read, without waiting for a writer. */
function openReadEnd(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
}

/** Opens the end that a process gets as descriptor 3. Waits for nobody: a reader is there while it is opened. */
export function openWriteEnd(path: string): number {
  const reader = openReadEnd(path);
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  } finally {
    closeSync(reader);
  }
}

/**
 * Whether anybody has the FIFO open for writing: then the process it was given to, or one of its children, lives.
 * False when there is no FIFO. Reads and drops what was written to it.
 */
export function hasWriters(path: string): boolean {
  if (!isFifo(path)) return false;
  const fd = openReadEnd(path);
  const block = Buffer.alloc(64 * 1024);
  try {
    // A FIFO holds at most 1 MiB unless an administrator raised it: more than that means that somebody writes right now.
    for (let n = 0; n < 32; n += 1) {
      if (readSync(fd, block, 0, block.length, null) === 0) return false;
    }
    return true;
  } catch {
    // EAGAIN: nothing to read, but writers.
    return true;
  } finally {
    closeSync(fd);
  }
}

/** Something that can be closed. */
export interface Watch {
  close(): void;
}

/**
 * Calls `onEnd` once when the last writer has gone: a hint that the process died, 1 ms after it did. Without a writer at
 * the time of the call it may never come, so look at the process *after* this call. Does not keep healq alive.
 */
export function watchFifo(path: string, onEnd: () => void): Watch {
  const socket = new Socket({ fd: openReadEnd(path), readable: true, writable: false });
  let open = true;
  const end = (): void => {
    if (!open) return;
    open = false;
    socket.destroy();
    onEnd();
  };
  socket.on("end", end).on("error", end).on("close", end);
  socket.resume();
  socket.unref();
  return {
    close: () => {
      open = false;
      socket.destroy();
    },
  };
}
