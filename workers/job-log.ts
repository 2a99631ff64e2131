import type { Job } from "bullmq";

/** The log of one job, as Bull Board shows it. */
export interface JobLog {
  /** Adds a line with its time, secrets removed. */
  say(line: string): void;
  /** Resolves when all that was said is written. A line that cannot be written is not worth a heal: it is left out. */
  written(): Promise<void>;
}

/** Opens the log of a job: the lines are written one after the other, in the order in which they were said. */
export function openJobLog(
  job: Pick<Job, "log">,
  { redact, now }: { redact: (text: string) => string; now: () => number },
): JobLog {
  let last: Promise<unknown> = Promise.resolve();
  return {
    say: (line) => {
      const text = `${new Date(now()).toISOString().slice(11, 23)} ${redact(line)}`;
      last = last.then(() => job.log(text)).catch(() => undefined);
    },
    written: async () => {
      await last;
    },
  };
}
