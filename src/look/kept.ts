import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../lib/parse-json.ts";
import type { CheckMemory } from "../model/ports.ts";
import { writeAtomic } from "../system/atomic.ts";

/** What outlives a healq, by target. */
export type Kept = (id: string) => Pick<CheckMemory, "recall" | "keep">;

/** Where it is kept. */
interface KeptIn {
  readonly stateDir: string;
  /** `read` leaves the files as they are, and keeps what is new to itself. */
  readonly access: "read" | "write";
}

/** Keeps values in `stateDir/memory/ID.NAME.json`, so that all processes of a node see the same; without a folder, in this process. */
export function createKept(where?: KeptIn): Kept {
  return (id) => {
    // What could not be written, or must not be, is at least known here.
    const own = new Map<string, unknown>();
    const fileOf = (name: string, stateDir: string) => join(stateDir, "memory", `${id}.${name}.json`);
    return {
      recall: (name) =>
        own.has(name) || where === undefined ? own.get(name) : read(fileOf(name, where.stateDir)),
      keep: (name, value) => {
        const written =
          where?.access === "write" && write(where.stateDir, fileOf(name, where.stateDir), value);
        if (written) own.delete(name);
        else own.set(name, value);
      },
    };
  };
}

function read(path: string): unknown {
  try {
    return parseJson(z.unknown(), readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Not worth an fsync: a machine that loses power loses the last seconds of its logs as well. False when it cannot be written. */
function write(stateDir: string, path: string, value: unknown): boolean {
  try {
    mkdirSync(join(stateDir, "memory"), { recursive: true, mode: 0o700 });
    writeAtomic(path, JSON.stringify(value), { durable: false });
    return true;
  } catch {
    return false;
  }
}
