import type { CheckMemory } from "../model/ports.ts";

/** A part of a target's memory that has names of its own. */
export function memoryPart(memory: CheckMemory, named: (key: string) => string): CheckMemory {
  return {
    get: (key) => memory.get(named(key)),
    set: (key, value) => memory.set(named(key), value),
    recall: (key) => memory.recall(named(key)),
    keep: (key, value) => memory.keep(named(key), value),
  };
}
