import { formatDuration } from "../lib/duration.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Severity } from "../model/status.ts";
import { lastedFor } from "./lasting.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { percent, type Stalled } from "./stalled.ts";

/** What was seen of something a machine may have too little of. */
export interface Strain {
  readonly of: "memory" | "cpu";
  readonly severity: Severity;
  /** The machine as it is, for a person. */
  readonly seen: string;
  readonly metrics: Look["metrics"];
  /** Which limit was passed, if one was: `from 90% used on it is high`. */
  readonly passed: string | undefined;
  readonly stalled: Stalled | undefined;
  /** As the config says it, and when it does not. */
  readonly pressure: { readonly written: number | undefined; readonly usual: number };
  /** How long it must last, in milliseconds. */
  readonly lasting: number;
  /** What is worth knowing of a fault; only then is it looked for. */
  evidence(): Readonly<Record<string, unknown>>;
}

/** High when a limit was passed, or when work stood still for too much of the time; a fault when that has lasted. */
export function strainLook(strain: Strain, context: CheckContext): Look {
  const { of, seen, metrics, passed, stalled, pressure, lasting } = strain;
  if (passed === undefined && stalled === undefined && pressure.written !== undefined)
    return couldNotTell(`the pressure is not known: this kernel has no /proc/pressure/${of}`, metrics);
  const wanted = pressure.written ?? pressure.usual;
  const isStalled = stalled !== undefined && stalled.lasting >= wanted;
  const isHigh = passed !== undefined || isStalled;
  const lasted = lastedFor(isHigh ? "so" : "not so", context.memory);
  if (!isHigh) return lookOf({ findings: [], metrics, fine: seen });
  const why = [passed, isStalled ? `from a pressure of ${percent(wanted)} on it is high` : undefined];
  const since = `for ${formatDuration(lasted)}, a fault after ${formatDuration(lasting)}`;
  const message = `${seen} (${[...why.filter((each) => each !== undefined), since].join("; ")})`;
  if (lasted < lasting) return lookOf({ findings: [], metrics, fine: message });
  const evidence = { ...strain.evidence(), pressure: stalled ?? null };
  const finding = { symptom: `${of}.high`, severity: strain.severity, fact: false, message, evidence };
  return lookOf({ findings: [finding], metrics, fine: "" });
}
