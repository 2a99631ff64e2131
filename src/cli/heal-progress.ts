import type { RequestedHeal } from "../model/fleet.ts";
import { truncate, visible } from "../views/text.ts";
import type { Terminal } from "./terminal.ts";

/** What is going on while heals are waited for, on stderr. */
export interface HealProgress {
  add(target: string, heal: RequestedHeal): void;
  done(target: string): void;
  /** Takes the line away; a second call does nothing. */
  end(): void;
}

/** Between two looks at the jobs' logs, in milliseconds. */
const every = 200;

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const eraseLine = "\r\u001b[K";

/**
 * Shows each line of the jobs' logs as it comes: on a terminal the newest one in place beside a spinner, elsewhere each
 * on a line of its own.
 */
export function healProgress(terminal: Terminal): HealProgress {
  const running = new Map<string, { heal: RequestedHeal; told: number; last: string; asking: boolean }>();
  let turn = 0;

  const look = async (
    target: string,
    of: { heal: RequestedHeal; told: number; last: string; asking: boolean },
  ) => {
    if (of.asking || of.heal.log === undefined) return;
    of.asking = true;
    // Progress is a courtesy: whatever fails here is told by the outcome.
    const lines = await of.heal.log().catch(() => []);
    of.asking = false;
    for (const line of lines.slice(of.told)) {
      of.last = line;
      if (!terminal.progressIsTty && running.has(target)) terminal.note(`${target}: ${visible(line)}`);
    }
    of.told = Math.max(of.told, lines.length);
  };
  const tick = (): void => {
    for (const [target, of] of running) void look(target, of);
    if (!terminal.progressIsTty) return;
    turn += 1;
    const [target, of] = [...running][0] ?? [];
    if (of === undefined) {
      terminal.progress(eraseLine);
      return;
    }
    const others = running.size > 1 ? ` (and ${running.size - 1} more)` : "";
    const text = `${target}: ${visible(of.last === "" ? "waiting" : of.last)}${others}`;
    terminal.progress(
      `${eraseLine}${frames[turn % frames.length]} ${truncate(text, (process.stderr.columns || 80) - 3)}`,
    );
  };
  const timer = setInterval(tick, every);
  return {
    add: (target, heal) => void running.set(target, { heal, told: 0, last: "", asking: false }),
    done: (target) => void running.delete(target),
    end: () => {
      clearInterval(timer);
      running.clear();
      if (terminal.progressIsTty && turn > 0) terminal.progress(eraseLine);
      turn = 0;
    },
  };
}
