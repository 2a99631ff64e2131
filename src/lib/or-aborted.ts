/** `work`; rejects with the signal's reason as soon as that aborts. What `work` comes to then is not heard, be it a failure. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Heard here too, for nobody may be listening any more when it fails.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
