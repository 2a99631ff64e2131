import { readFileSync } from "node:fs";

/** Share of the last 10 and 60 seconds, 0 to 1, in which work stood still for want of something. */
export interface Stalls {
  readonly avg10: number;
  readonly avg60: number;
}

/** Pressure stall information: `some` of the tasks waited, or all that had work (`full`). Source: Documentation/accounting/psi.rst. */
export interface Pressure {
  readonly some: Stalls;
  /** Not told for the processor of a whole machine by older kernels. */
  readonly full?: Stalls;
}

/** Reads `/proc/pressure/memory` or a control group's `memory.pressure`; undefined where the kernel has no PSI, or it is switched off. */
export function readPressure(path: string): Pressure | undefined {
  try {
    return parsePressure(readFileSync(path, "utf8"));
  } catch {
    // No such file, or EOPNOTSUPP on a kernel that was started with psi=0.
    return undefined;
  }
}

/** Parses `some avg10=1.35 avg60=9.42 avg300=20.95 total=…`, which counts in percent. */
function parsePressure(text: string): Pressure | undefined {
  const some = stallsOf("some", text);
  const full = stallsOf("full", text);
  if (some === undefined) return undefined;
  return full === undefined ? { some } : { some, full };
}

function stallsOf(name: string, text: string): Stalls | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `)) ?? "";
  const [, avg10, avg60] = / avg10=([\d.]+) avg60=([\d.]+)/.exec(line) ?? [];
  return avg10 === undefined ? undefined : { avg10: Number(avg10) / 100, avg60: Number(avg60) / 100 };
}
