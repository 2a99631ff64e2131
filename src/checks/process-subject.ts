import type { Finding } from "../model/finding.ts";
import type { Identity } from "../model/process.ts";
import type { ProcStat } from "../system/procfs.ts";
import type { Probe } from "./process-probes.ts";

/** A process that lives, as far as it can be seen: of a unit the manager may know more than /proc shows. */
export interface Subject {
  readonly found: "alive";
  /** Absent when its process cannot be seen from here, or a unit has none. */
  readonly identity?: Identity;
  readonly stat?: ProcStat;
  /** Milliseconds since the epoch, by today's clock. */
  readonly startedAt: number;
  /** How many others match too. */
  readonly others: number;
  /** What else is known of it: for the message when all is well. */
  readonly said?: string;
  /** Faults that are known already. */
  readonly findings?: readonly Finding[];
  /** What its manager asked it. */
  readonly probes?: readonly Probe[];
  /** What was measured of it and of what it started. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Why something that is wanted could not be told. */
  readonly cannotTell?: string;
}
