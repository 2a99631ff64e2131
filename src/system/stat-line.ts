/** What /proc/PID/stat says of a process. Source: proc_pid_stat(5). */
export interface ProcStat {
  readonly pid: number;
  /** The kernel's short name of it: at most 15 bytes, untrusted. */
  readonly name: string;
  /** One letter: R running, S sleeping, D uninterruptible, T stopped, Z zombie, X dead … */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** The process group in front of its terminal; -1 without a terminal. */
  readonly foreground: number;
  /** It is on its way out: its exit status is set, its files are being closed. */
  readonly exiting: boolean;
  /** A thread of the kernel: it has no command line and no files. */
  readonly ofKernel: boolean;
  readonly threads: number;
  /** User and system time in clock ticks. */
  readonly cpuTicks: number;
  /** The same of its children that have ended and were waited for, and of theirs. */
  readonly childTicks: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  readonly rssPages: number;
  /** As wait(2) would give it: signal in the low seven bits, code above the low byte. Zero if we may not know. */
  readonly waitStatus: number;
}

/** PF_EXITING and PF_KTHREAD of the kernel's task flags. */
const exitingFlag = 0x4;
const kernelFlag = 0x200000;

const [zero, minus, blank] = [0x30, 0x2d, 0x20];

/** The last field that is wanted but for the very last one. */
const lastWanted = 24;

/** Parses one line of /proc/PID/stat; the name may hold spaces and parentheses, so fields count from the last `)`. */
export function parseStat(text: Buffer): ProcStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open <= 0 || close <= open) return undefined;
  const field = numbersFrom(text, close + 4);
  const startTime = field(22);
  if (!Number.isInteger(startTime)) return undefined;
  const flags = field(9);
  return {
    pid: numberAt(text, 0).number,
    name: text.toString("utf8", open + 1, close),
    state: String.fromCharCode(text[close + 2] ?? blank),
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    foreground: field(8),
    exiting: (flags & exitingFlag) !== 0,
    ofKernel: (flags & kernelFlag) !== 0,
    threads: field(20),
    cpuTicks: field(14) + field(15),
    childTicks: field(16) + field(17),
    startTime,
    rssPages: field(lastWanted),
    // Field 52, which ends the line.
    waitStatus: numberAt(text, text.lastIndexOf(blank) + 1).number || 0,
  };
}

/** The numbers of a line from the fourth field on, which begins at `start`, by their place as proc_pid_stat(5) counts; NaN for what is not there. */
function numbersFrom(text: Buffer, start: number): (place: number) => number {
  const numbers: number[] = [];
  for (let at = start; at < text.length && numbers.length <= lastWanted - 4; ) {
    const { number, end } = numberAt(text, at);
    numbers.push(number);
    at = end + 1;
  }
  return (place) => numbers[place - 4] ?? Number.NaN;
}

/** The number that begins at a place, and where it ends; NaN where there is none. */
function numberAt(text: Buffer, start: number): { number: number; end: number } {
  const negative = text[start] === minus;
  const first = negative ? start + 1 : start;
  let number = 0;
  let end = first;
  for (; (text[end] ?? 0) >= zero; end += 1) number = number * 10 + (text[end] ?? 0) - zero;
  if (end === first) return { number: Number.NaN, end };
  return { number: negative ? -number : number, end };
}
