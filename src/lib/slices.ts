/** At most this long is worked without a break, in milliseconds. */
const slice = 8;

/** Gives the event loop a turn whenever a long piece of synchronous work has held it for 8 ms. Rejects when `signal` aborts. */
export function createSlices(signal: AbortSignal): { due(): boolean; pause(): Promise<void> } {
  let began = performance.now();
  return {
    due: () => performance.now() - began > slice,
    pause: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      began = performance.now();
    },
  };
}
