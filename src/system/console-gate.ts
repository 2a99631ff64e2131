import { closeSync, constants, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureFifo } from "./fifo.ts";

/** What a launcher waits at before it becomes the program. */
export interface Gate {
  readonly path: string;
  /** Lets the launcher through, now or as soon as it comes. */
  open(): void;
  /** Ends a launcher that has not gone through, now or when it comes. To be called once. */
  shut(): void;
}

/** How many letters of a mark are in the name of its gate. */
const markLength = 8;

/**
 * Makes the gate of one start: a FIFO of its own beside that of the process. What a tmux server that hung carries out after the
 * start was given up finds no gate; and when healq dies, so does its end of the FIFO, and with it a launcher that waits.
 */
export async function makeGate(fifo: string, mark: string): Promise<Gate> {
  const path = join(dirname(fifo), `${idOf(fifo)}.${mark.slice(-markLength)}.gate`);
  shutGates(fifo);
  await ensureFifo(path);
  // For both, which waits for nobody; and what was written is there for a launcher that comes late.
  const end = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  return {
    path,
    open: () => void writeSync(end, "\n"),
    shut: () => {
      // In this order: who opened it before it was gone hears its end.
      rmSync(path, { force: true });
      closeSync(end);
    },
  };
}

/** Shuts the gates of a process that healqs before this one left behind when they died in the middle of a start. */
export function shutGates(fifo: string): void {
  const folder = dirname(fifo);
  const isGate = new RegExp(`^[0-9a-f]{${markLength}}\\.gate$`);
  const prefix = `${idOf(fifo)}.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !isGate.test(name.slice(prefix.length))) continue;
    const path = join(folder, name);
    const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    rmSync(path, { force: true });
    closeSync(end);
  }
}

function idOf(fifo: string): string {
  return basename(fifo, ".fifo");
}
