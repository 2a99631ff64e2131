import type { AuditView } from "../../src/views/audit.ts";
import type { Patient, Sighting } from "./world.ts";

/** What was seen of one target from the moment something was broken. */
export interface Course {
  readonly target: Patient;
  readonly before: Sighting;
  readonly after: Sighting;
  /** When it could be seen to be back, in milliseconds since the epoch. */
  readonly backAt?: number | undefined;
  /** The phase in `status.json` at the end. */
  readonly phase?: string | undefined;
  /** What the audit has about it since, oldest first. */
  readonly entries: readonly AuditView[];
}

/** All that was seen of one scenario: enough to judge it by. */
export interface Observed {
  /** Milliseconds since the epoch. */
  readonly brokenAt: number;
  readonly patients: readonly Course[];
  /** The targets that nothing was done to. */
  readonly others: readonly Course[];
  /** How often the broken version was started meanwhile, by the worker's own log. */
  readonly brokenStarts: number;
  /** The calls that reached people meanwhile: "incident.opened signals". */
  readonly calls: readonly string[];
  /** What did not come in time, or went wrong beside it. */
  readonly troubles: readonly string[];
}

/** When a target was first found bad: the first look at it that changed its status to warning or critical. */
export function seenAt({ entries }: Course): number | undefined {
  const seen = entries.find(isSeen);
  return seen === undefined ? undefined : Date.parse(seen.at);
}

/** The entry tells of a look that found something bad. */
export function isSeen({ event, details }: AuditView): boolean {
  return event === "check.changed" && (details.to === "critical" || details.to === "warning");
}

/** When it was first seen to be well: by the heal, or by a look that came before the heal's own. */
export function wellAt({ entries }: Course): number | undefined {
  const well = entries.find(
    ({ event, details }) => event === "heal.succeeded" || (event === "check.changed" && details.to === "ok"),
  );
  return well === undefined ? undefined : Date.parse(well.at);
}

/** When a cure of it was seen to work. */
export function healedAt({ entries }: Course): number | undefined {
  const healed = entries.find(({ event }) => event === "heal.succeeded");
  return healed === undefined ? undefined : Date.parse(healed.at);
}
