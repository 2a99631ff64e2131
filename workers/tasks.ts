import { type ScheduledTask, schedule } from "node-cron";
import type { Log } from "../src/model/log.ts";
import { createComplainer } from "./complainer.ts";

/** A tick that is later than this (milliseconds) is dropped. */
const latest = 1_000;

/** Counted as it goes; see `SchedulerReport`. */
interface Counts {
  lastTick: number;
  missed: number;
  late: number;
}

/** The node-cron tasks of a scheduler. */
export interface Tasks {
  /** Runs `run` with the slot (milliseconds since the epoch) whenever the pattern says. */
  at(pattern: string, timezone: string, name: string, run: (slot: number) => void): void;
  /** Ends all that were begun. */
  end(): Promise<void>;
}

/** Creates none yet; what comes late or never is counted in `report`. */
export function createTasks({ report, log, now }: { report: Counts; log: Log; now: () => number }): Tasks {
  let tasks: ScheduledTask[] = [];
  const complain = createComplainer(log);
  const tick = (date: Date, run: (slot: number) => void) => {
    const slot = Math.floor(date.getTime() / 1_000) * 1_000;
    report.lastTick = now();
    if (now() - slot > latest) {
      report.late += 1;
      complain("a tick came too late and was dropped");
    } else run(slot);
  };
  return {
    at: (pattern, timezone, name, run) => {
      const task = schedule(pattern, ({ date }) => tick(date, run), { name, timezone });
      task.on("execution:missed", () => {
        report.missed += 1;
        complain(`ticks were missed: ${name}`);
      });
      tasks.push(task);
    },
    end: async () => {
      const ending = tasks;
      tasks = [];
      await Promise.all(ending.map((task) => task.destroy()));
    },
  };
}
