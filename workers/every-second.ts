import type { Log } from "../src/model/log.ts";
import { wordsOf } from "../src/redis/refusal.ts";

/** Something to be done about once a second. */
export interface Chore {
  readonly name: string;
  run(): unknown;
}

/** Does the chores once a second, each on its own: one that still runs is not started again, one that fails harms no other. */
export function everySecond(chores: readonly Chore[], log: Log): { stop(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const complaints = new Map<string, string>();
  const once = async ({ name, run }: Chore) => {
    try {
      await run();
      complaints.delete(name);
    } catch (error) {
      const message = wordsOf(error);
      // The same complaint once a second would fill the log.
      if (complaints.get(name) !== message) log.warn({ chore: name }, `${name}: ${message}`);
      complaints.set(name, message);
    }
  };
  const tick = () => {
    for (const chore of chores) {
      if (running.has(chore.name)) continue;
      running.set(
        chore.name,
        once(chore).finally(() => running.delete(chore.name)),
      );
    }
  };
  const timer = setInterval(tick, 1_000);
  tick();
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
