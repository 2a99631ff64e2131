import type { CheckMemory } from "../model/ports.ts";

/** Most entries that one target may have; a kind keeps two or three. */
const maxEntries = 32;

/** Gives the memory of a target. */
export type MemoryOf = (id: string) => CheckMemory;

/** A memory per target id. There are as many as the config has targets. */
export function createMemories(): MemoryOf {
  const memories = new Map<string, CheckMemory>();
  return (id) => {
    const memory = memories.get(id) ?? createMemory();
    memories.set(id, memory);
    return memory;
  };
}

/** The oldest entry makes room for a new one. */
function createMemory(): CheckMemory {
  const entries = new Map<string, unknown>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
  };
}
