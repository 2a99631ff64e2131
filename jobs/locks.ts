import { unlessAborted } from "../src/lib/unless-aborted.ts";
import { GuardClosed } from "../src/model/errors.ts";

/** The locks of the targets that are acted on: in the supervisor's memory, for it alone acts (architecture, "A heal, stage by stage"). */
export interface TargetLocks {
  /**
   * Runs `work` when nobody else acts on the target; those who wait are served in order. `work` gets a signal that
   * aborts when `interrupt` is called; rejects when `signal` aborts while it waits.
   */
  hold<T>(target: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Asks whoever acts on the target to end, because a person wants something else. */
  interrupt(target: string, reason: string): void;
}

/** Creates the locks. */
export function createLocks(): TargetLocks {
  const tails = new Map<string, Promise<unknown>>();
  const holders = new Map<string, AbortController>();
  return {
    hold: async (target, signal, work) => {
      const before = tails.get(target) ?? Promise.resolve();
      const turn = before.then(async () => {
        signal.throwIfAborted();
        const own = new AbortController();
        holders.set(target, own);
        try {
          return await work(AbortSignal.any([own.signal, signal]));
        } finally {
          holders.delete(target);
        }
      });
      const tail = turn
        .catch(() => undefined)
        .then(() => {
          if (tails.get(target) === tail) tails.delete(target);
        });
      tails.set(target, tail);
      // Who gives up waits no longer; its place in the line is passed over when its turn comes.
      await unlessAborted(before, signal);
      return turn;
    },
    interrupt: (target, reason) => holders.get(target)?.abort(new GuardClosed(reason)),
  };
}
