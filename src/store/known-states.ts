import type { Read } from "./envelope.ts";

/** The states of one node as of one version; of a target that has none it says so, too. */
export type States = ReadonlyMap<string, Read | undefined>;

/**
 * What was last read of a node's states, with the version of all of them that Redis said. While the version is the same nothing has to be read
 * again: of a fleet that is well nothing is ever read twice, and that was a tenth of what a look costs.
 */
export interface KnownStates {
  /** The states of these targets at that version; what is not known of it is read. */
  at(version: string, targets: readonly string[]): Promise<States>;
  /** A change of our own has led from one version to the next. */
  changed(target: string, after: Read, versions: { readonly from: string; readonly to: string }): void;
}

/** Knows nothing yet; `read` asks Redis. */
export function createKnownStates(
  read: (targets: readonly string[]) => Promise<ReadonlyMap<string, Read>>,
): KnownStates {
  let known = new Map<string, Read | undefined>();
  let version: string | undefined;
  const forget = (): void => {
    known = new Map();
    version = undefined;
  };
  return {
    at: async (newest, targets) => {
      if (newest !== version) forget();
      version = newest;
      const states = known;
      const missing = targets.filter((target) => !states.has(target));
      if (missing.length === 0) return states;
      const found = await read(missing);
      // A change of our own may have come in between, and is newer.
      for (const target of missing) if (!states.has(target)) states.set(target, found.get(target));
      return states;
    },
    changed: (target, after, { from, to }) => {
      if (from !== version) forget();
      version = to;
      known.set(target, after);
    },
  };
}
