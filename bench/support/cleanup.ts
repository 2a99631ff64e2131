import { rmSync } from "node:fs";
import { makeFolder } from "./places.ts";

type Undo = () => unknown;

/** What a bench has started and must end, newest first, also after Ctrl-C. */
export interface Cleanup {
  /** Registers what ends something; the returned function ends it earlier. */
  add(undo: Undo): () => Promise<void>;
  /** A folder that is removed at the end. */
  folder(): string;
}

/** Runs a part of a bench; whatever way it ends, also with Ctrl-C, what it registered is ended. Not to be nested: the first to be done would end the process. */
export async function withCleanup<T>(part: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const undos: Undo[] = [];
  const undo = async () => {
    for (let next = undos.pop(); next !== undefined; next = undos.pop()) {
      try {
        await next();
      } catch (error) {
        console.error(messageOf(error));
      }
    }
  };
  const interrupted = () => void undo().then(() => process.exit(130));
  for (const signal of signals) process.once(signal, interrupted);
  try {
    return await part(cleanupOf(undos));
  } finally {
    await undo();
    for (const signal of signals) process.off(signal, interrupted);
  }
}

/** Runs a whole bench: an error is told without its stack, and gives exit code 1. */
export async function runBench(bench: () => Promise<void>): Promise<void> {
  try {
    await bench();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

const signals = ["SIGINT", "SIGTERM"] as const;

function cleanupOf(undos: Undo[]): Cleanup {
  const add = (one: Undo) => {
    undos.push(one);
    return async () => {
      const place = undos.indexOf(one);
      if (place < 0) return;
      undos.splice(place, 1);
      await one();
    };
  };
  const folder = () => {
    const path = makeFolder();
    add(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
    return path;
  };
  return { add, folder };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
