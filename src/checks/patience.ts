/**
 * How long a question may take, in milliseconds, so that its silence is still a finding of this look: a little less than
 * the look itself. A look that runs into its own timeout is `unknown`, and nobody would cure a server that hangs.
 */
export function patience(timeout: number, wanted = Number.POSITIVE_INFINITY): number {
  const margin = Math.min(200, timeout / 10);
  return Math.min(wanted, Math.max(1, Math.floor(timeout - margin)));
}

/** The clocks of two machines may differ by this much, in milliseconds. */
const skew = 2_000;

/** True for a time so far ahead of `now` that a clock must be wrong: such a file would look fresh for ever. */
export function isInFuture(time: number, now: number): boolean {
  return time > now + skew;
}
