/** Ends streams and waits when the person has seen enough: aborted by Ctrl-C or SIGTERM. `off` gives the signals back. */
export function untilInterrupted(): { readonly signal: AbortSignal; off(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  return {
    signal: controller.signal,
    off: () => {
      process.off("SIGINT", abort);
      process.off("SIGTERM", abort);
    },
  };
}
