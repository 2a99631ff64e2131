/** What is remembered of a session from look to look. Times in milliseconds since the epoch. */
export interface Seen {
  /** Which session this is of. */
  readonly key: string;
  /** Since when nothing was seen of it: no work, and nothing new on its screen. */
  readonly since: number;
  /** Of its screen; undefined when that was not read since it last worked. */
  readonly hash?: string | undefined;
  /** When the screen was last read. */
  readonly readAt: number;
  /** Processor time of its processes, in seconds, at `measuredAt`. */
  readonly cpu: number;
  readonly measuredAt: number;
  /** The task it has, and since when healq has seen it have that. */
  readonly task?: { readonly id: string; readonly since: number } | undefined;
}

/** Less processor time than this between two looks is never work, in seconds: what a shell needs to print its prompt, and the kernel to count. */
const countable = 0.02;
/** Processor time is compared over at least this long, in milliseconds. */
const window = 1_000;

/** What was seen of a session that is seen for the first time. */
export function firstSeen(key: string, { now, cpu }: { now: number; cpu: number }): Seen {
  return { key, since: now, readAt: 0, cpu, measuredAt: now };
}

/** Whether its processes have worked since they were last measured, and what to remember. A process that ended and was never waited for took its time along: that is a change too. */
export function afterCpu(
  seen: Seen,
  { now, cpu, maxCpu }: { now: number; cpu: number; maxCpu: number },
): { readonly seen: Seen; readonly works: boolean } {
  const elapsed = now - seen.measuredAt;
  const used = cpu - seen.cpu;
  const works = used < 0 || used > Math.max(countable, (maxCpu * elapsed) / 1_000);
  const since = Math.min(seen.since, now);
  // What it wrote while it worked is of no interest, so its screen is not read.
  if (works) return { works, seen: { ...seen, since: now, hash: undefined, cpu, measuredAt: now } };
  if (elapsed >= 0 && elapsed < window) return { works, seen: { ...seen, since } };
  return { works, seen: { ...seen, since, cpu, measuredAt: now } };
}

/** True when its screen may have changed since it was read. tmux tells the time of output in whole seconds; a clock that was set back tells nothing. */
export function mayHaveMoved(
  { hash, readAt }: Seen,
  { activity, now }: { activity: number; now: number },
): boolean {
  return hash === undefined || readAt > now || activity >= Math.floor(readAt / 1_000);
}

/** After its screen was read. `at` is when the reading began. */
export function afterScreen(seen: Seen, hash: string, at: number): Seen {
  return { ...seen, hash, readAt: at, since: hash === seen.hash ? seen.since : at };
}
