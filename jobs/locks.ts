import { orAborted } from "../src/lib/or-aborted.ts";
import { withSignal } from "../src/lib/with-signal.ts";
import { GuardClosed } from "../src/model/errors.ts";

/** The locks of the targets that are acted on: in the supervisor's memory, for it alone acts (architecture, "A heal, stage by stage"). */
export interface TargetLocks {
  /**
   * Runs `work` when nobody else acts on the target; those who wait are served in order. `work` gets a signal that
   * aborts when `interrupt` is called; rejects at once when `signal` aborts while it waits.
   */
  hold<T>(target: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Asks whoever acts on the target to end, because a person wants something else. */
  interrupt(target: string, reason: string): void;
}

/** Creates the locks. */
export function createLocks(): TargetLocks {
  const tails = new Map<string, Promise<void>>();
  const holders = new Map<string, AbortController>();
  return {
    hold: async (target, signal, work) => {
      const before = tails.get(target);
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      // Also the turn of one that gave up waiting comes after those before it.
      const tail = before === undefined ? released : before.then(() => released);
      tails.set(target, tail);
      const own = new AbortController();
      try {
        // Who finds nobody is the holder at once, and can be interrupted from here on.
        if (before === undefined) signal.throwIfAborted();
        else await orAborted(before, signal);
        holders.set(target, own);
        return await withSignal({ signals: [own.signal, signal] }, work);
      } finally {
        if (holders.get(target) === own) holders.delete(target);
        release();
        tail.then(() => tails.get(target) === tail && tails.delete(target));
      }
    },
    interrupt: (target, reason) => holders.get(target)?.abort(new GuardClosed(reason)),
  };
}
