import type { CheckMemory } from "../model/ports.ts";
import { createKept, type Kept } from "./kept.ts";

/** Most entries that one target may have. A kind keeps a few; a process with a thousand copies some for each. */
const maxEntries = 10_000;

/** Gives the memory of a target. */
export type MemoryOf = (id: string) => CheckMemory;

/** All memories of a process. */
export type Memories = MemoryOf & {
  /** Closes what was kept and can be closed; what is set afterwards is closed at once. Idempotent. */
  close(): void;
};

/** A memory per target id. There are as many as the config has targets. Without `kept`, nothing outlives it. */
export function createMemories({ kept = createKept() }: { kept?: Kept } = {}): Memories {
  const memories = new Map<string, ClosableMemory>();
  let closed = false;
  const of = (id: string): CheckMemory => {
    const known = memories.get(id);
    if (known !== undefined) return known;
    const memory = { ...createMemory(), ...kept(id) };
    memories.set(id, memory);
    if (closed) memory.close();
    return memory;
  };
  const close = () => {
    closed = true;
    for (const memory of memories.values()) memory.close();
  };
  return Object.assign(of, { close });
}

type ClosableMemory = CheckMemory & { close(): void };
type OwnMemory = Pick<ClosableMemory, "get" | "set" | "close">;

/** The oldest entry makes room for a new one. */
function createMemory(): OwnMemory {
  const entries = new Map<string, unknown>();
  let closed = false;
  const drop = (key: string): void => {
    const value = entries.get(key);
    entries.delete(key);
    closeValue(value);
  };
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      if (closed) return closeValue(value);
      if (entries.get(key) === value) entries.delete(key);
      else drop(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) drop(oldest);
    },
    close: () => {
      closed = true;
      for (const key of [...entries.keys()]) drop(key);
    },
  };
}

/** A connection or a helper process is a value with a `close`; most values are numbers and times. */
function closeValue(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if ("close" in value && typeof value.close === "function") value.close();
}
