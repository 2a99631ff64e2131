import type { AuditNote } from "../model/audit.ts";
import type { LookRecord } from "../model/fleet.ts";
import type { Incident } from "../model/incident.ts";
import type { Read, Versioned } from "./envelope.ts";
import type { States } from "./known-states.ts";

/** One change of one target: state, audit notes and incident are written together or not at all. */
export interface Change {
  readonly target: string;
  /** The text that was read; absent when there was none. */
  readonly before?: string;
  readonly after: Versioned;
  readonly notes: readonly AuditNote[];
  readonly incident?: Incident;
}

/** A look to be kept for display. */
export interface LookOf {
  readonly target: string;
  readonly look: LookRecord;
}

/** What became of looks that were to be kept. */
export interface KeptLooks {
  /** The targets whose stored look is newer: theirs was dropped. */
  readonly dropped: readonly string[];
  /** The states of the targets, and perhaps of others. */
  readonly states: States;
}

/** What a node remembers about its targets. */
export interface TargetStore {
  /** The states of these targets; missing ones are left out. */
  read(targets: readonly string[]): Promise<Map<string, Read>>;
  /** False when somebody else changed the target since it was read: read again and decide again. */
  commit(change: Change): Promise<boolean>;
  /** Keeps looks that are newer than the stored ones. */
  keepLooks(looks: readonly LookOf[]): Promise<KeptLooks>;
  /** Audit notes that change no state. */
  note(notes: readonly AuditNote[]): Promise<void>;
  incident(id: string): Promise<Incident | undefined>;
}

/** Redis did not take it: nothing is known to be written. */
export class StoreAway extends Error {
  readonly code = "store-away";
}
