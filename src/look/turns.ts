/** Work is done in turns of this many milliseconds; one piece may go over it, and the whole must stay under 20. */
const turnMs = 8;

/** Does `work` for each item, in order, and lets the event loop run whenever a turn is over. `work` must not throw. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    if (performance.now() - began > turnMs) {
      await new Promise((resolve) => setImmediate(resolve));
      began = performance.now();
    }
    work(item);
  }
}
