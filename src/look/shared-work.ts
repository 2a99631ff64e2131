import type { SharedWork } from "../model/ports.ts";

/** Shared work for one batch of looks. A `make` that throws is remembered too: it throws for each of them, and runs once. */
export function createSharedWork(): SharedWork {
  const done = new Map<string, { value?: unknown; error?: unknown }>();
  return {
    once: <T>(key: string, make: () => T): T => {
      let result = done.get(key);
      if (result === undefined) {
        result = attempt(make);
        done.set(key, result);
      }
      if ("error" in result) throw result.error;
      // The same key is the same work, so what was kept under it has the type that `make` has.
      return result.value as T;
    },
  };
}

function attempt(make: () => unknown): { value?: unknown; error?: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
