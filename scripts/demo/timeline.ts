import { paint, type Tone } from "../../src/views/colour.ts";
import type { TableStyle } from "../../src/views/table.ts";
import { truncate, visible } from "../../src/views/text.ts";

/** One thing that happened. */
export interface Happening {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** To what it happened; absent for what was done to the world. */
  readonly target?: string;
  /** What happened, in a word: "seen". */
  readonly word?: string;
  readonly text: string;
  readonly tone?: Tone;
  /** When it was broken: the time since is shown. */
  readonly since?: number;
}

/** Prints what happens, as it happens. */
export interface Timeline {
  add(happening: Happening): void;
  /** Prints what is held back, and ends. */
  close(): void;
}

/** What the audit tells and what the demo sees come on different ways: so long it is waited for what was earlier, in milliseconds. */
const holdBack = 250;

/** A timeline that begins now, on a terminal or in a pipe. */
export function openTimeline(out: (text: string) => void, style: () => TableStyle): Timeline {
  const began = Date.now();
  let held: Happening[] = [];
  const print = (until: number): void => {
    const due = held.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    held = held.filter(({ at }) => at > until);
    for (const happening of due) out(`${lineOf(happening, began, style())}\n`);
  };
  const timer = setInterval(() => print(Date.now() - holdBack), 50);
  return {
    add: (happening) => void held.push(happening),
    close: () => {
      clearInterval(timer);
      print(Infinity);
    },
  };
}

/** Columns of what stands before and behind the text of a line. */
const [clockWidth, targetWidth, wordWidth, afterWidth] = [9, 13, 9, 9];
/** A line is at most this wide, and so is one in a pipe. */
const widest = 100;

/** One line: when, to whom, what, and how long after it was broken. What was done to the world begins a paragraph. */
export function lineOf(happening: Happening, began: number, style: TableStyle): string {
  const { at, target, word = "", text, tone, since } = happening;
  const time = clock(at - began).padEnd(clockWidth);
  if (target === undefined) return `\n${paint(`${time}${visible(text)}`, "strong", style)}`;
  const after = since === undefined ? "" : `+${shownTime(at - since)}`;
  const columns = style.width === 0 ? widest : Math.min(style.width, widest);
  const width = Math.max(20, columns - clockWidth - targetWidth - wordWidth - afterWidth);
  const said = truncate(visible(text), width).padEnd(width);
  const head = paint(`${time}${target.padEnd(targetWidth)}`, "faint", style);
  return `${head}${paint(word.padEnd(wordWidth), tone, style)}${said}${after.padStart(afterWidth)}`.trimEnd();
}

/** "24 ms", "3.2 s". */
export function shownTime(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** "00:03.1" since the beginning. */
function clock(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const minutes = String(Math.floor(tenths / 600)).padStart(2, "0");
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}
