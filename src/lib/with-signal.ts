/** What ends some work before it is done. */
interface Ends {
  /** The first of these to abort ends it, with its reason. */
  readonly signals: readonly AbortSignal[];
  /** Milliseconds, after which it ends with a `TimeoutError`. Default: none. */
  readonly timeout?: number;
}

/**
 * Runs `work` with one signal for all that may end it. Instead of `AbortSignal.any`, which loses an abort whose source was taken
 * by the garbage collector, timeouts above all: a command that was to end after 200 ms ran for ever, once in a hundred runs
 * (nodejs/node#57736 and #65995, seen with Node 20.20).
 */
export async function withSignal<T>(
  { signals, timeout }: Ends,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = (event: Event) => {
    // Only signals are listened to.
    controller.abort((event.target as AbortSignal).reason);
  };
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", follow, { once: true });
  }
  const end = () => controller.abort(new DOMException("it took too long", "TimeoutError"));
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout).unref();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener("abort", follow);
  }
}
