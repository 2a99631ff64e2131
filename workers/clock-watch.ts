/** A difference of less than this (milliseconds) is none: the second is made up by the next ticks. */
const least = 2_000;
/** Nobody asked for so long (milliseconds): healq was stopped by a signal, or the machine slept. */
const longestPause = 5_000;
/** So long before a full second it is looked: before the timers of the ticks, so that those find all in order. Milliseconds. */
const before = 20;

/** Time went by otherwise than healq was there to see: the clock was set, the machine slept, healq was stopped by a signal. */
export interface Jump {
  /** By how much the clock is ahead of the time that went by, in milliseconds; negative when it was set back. */
  readonly by: number;
  /** How long nothing ran here, in milliseconds. */
  readonly pause: number;
}

/** Calls `onJump` when the clock was set, or time was lost, before the next second begins. Returns what stops watching. */
export function watchClock(options: {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Milliseconds that never go back. Default: `performance.now`. */
  steady?: () => number;
  onJump: (jump: Jump) => void;
}): () => void {
  const { now, steady = () => performance.now(), onJump } = options;
  let last = steady();
  let ahead = now() - last;
  let timer: NodeJS.Timeout;
  const look = () => {
    const at = steady();
    const jump = { by: now() - at - ahead, pause: at - last };
    last = at;
    ahead += jump.by;
    if (Math.abs(jump.by) > least || jump.pause > longestPause) onJump(jump);
    wait();
  };
  const wait = () => {
    const rest = 1_000 - before - (now() % 1_000);
    timer = setTimeout(look, rest > 0 ? rest : rest + 1_000);
  };
  wait();
  return () => clearTimeout(timer);
}
