import type { AuditNote } from "../src/model/audit.ts";
import type { Mark } from "../src/model/decision.ts";
import { worstFinding } from "../src/model/finding.ts";
import type { Incident } from "../src/model/incident.ts";
import type { Observation } from "../src/model/observation.ts";
import type { TargetState } from "../src/model/state.ts";
import type { TargetStore } from "../src/store/target-store.ts";

/** Marks of a decision as audit notes. */
export function notesOf(
  marks: readonly Mark[],
  { at, target, job }: { at: number; target: string; job?: string },
): AuditNote[] {
  return marks.map((mark) => ({ at, target, ...(job === undefined ? {} : { job }), ...mark }));
}

/**
 * The incident as it is after these marks; undefined when they change none. The record of an open one is read from the
 * store, for what the state does not keep.
 */
export async function incidentAfter(options: {
  marks: readonly Mark[];
  before: TargetState | undefined;
  after: TargetState;
  observation?: Observation;
  target: string;
  node: string;
  store: TargetStore;
  now: number;
}): Promise<Incident | undefined> {
  const { marks, before, after, target, node, store, now } = options;
  const open = after.incident ?? before?.incident;
  const changing = marks.filter(({ event }) => event.startsWith("incident."));
  if (open === undefined || changing.length === 0) return undefined;
  const isNew = changing.some(({ event }) => event === "incident.opened");
  let incident: Incident = (isNew ? undefined : await store.incident(open.id)) ?? {
    id: open.id,
    target,
    node,
    symptom: open.symptom,
    severity:
      options.observation === undefined
        ? "critical"
        : (worstFinding(options.observation.findings)?.severity ?? "critical"),
    reason: changing[0]?.reason ?? "",
    state: "open",
    openedAt: open.openedAt,
  };
  for (const { event } of changing) {
    if (event === "incident.gave-up") incident = { ...incident, state: "gave-up" };
    if (event === "incident.resolved") {
      const cured = before?.cured === true ? { cured: true } : {};
      incident = { ...incident, state: "resolved", resolvedAt: now, ...cured };
    }
  }
  return incident;
}
