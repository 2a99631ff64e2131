/** Names of all Redis keys that are not BullMQ's own; no other file names one. */

/** BullMQ prefix and slot of what all nodes share. */
export const sharedPrefix = "{healq}";

/** BullMQ prefix and slot of one node: all its keys share one slot of a Redis Cluster. */
export function nodePrefix(node: string): string {
  return `{healq:${node}}`;
}

/** The name under which targets of `on: any` are kept. */
export const anyNode = "any";

/** Keys of one node (or of `any`). */
export function nodeKeys(node: string) {
  const prefix = nodePrefix(node);
  return {
    /** Hash: target → envelope with its state. */
    state: `${prefix}:state`,
    /** When a state was last changed, by the clock of Redis: while it is the same, what was read is still true. */
    revision: `${prefix}:revision`,
    /** Hash: target → newest look. */
    look: `${prefix}:look`,
    /** Stream of audit entries. */
    audit: `${prefix}:audit`,
    /** Hash: incident id → incident. */
    incidents: `${prefix}:incidents`,
    /** Sorted set: incident id by the time it was opened. */
    incidentOrder: `${prefix}:incident-order`,
    /** Sorted set: names of the newest changes and notes that were written, by when; none of them is written again. */
    told: `${prefix}:told`,
    /** What one job answered, for the few seconds until whoever asked takes it. */
    answer: (job: string) => `${prefix}:answer:${job}`,
    /** Number of the last journal entry that was replayed. */
    journal: `${prefix}:journal`,
  } as const;
}

/** Keys that all nodes share. */
export const sharedKeys = {
  /** Hash: node → heartbeat. */
  nodes: `${sharedPrefix}:nodes`,
  /** Hash: node → its targets. */
  targets: `${sharedPrefix}:targets`,
  /** Hash: target, or `*` for the kill switch → pause. */
  pauses: `${sharedPrefix}:pauses`,
  /** Hash: heartbeat target → when its program last called, by the clock of Redis, in milliseconds. */
  calls: `${sharedPrefix}:calls`,
  /** Hash: heartbeat target → since when a call is waited for, likewise. */
  callsAwaited: `${sharedPrefix}:calls-awaited`,
  /** Written to learn whether Redis takes anything; gone a second later. */
  probe: `${sharedPrefix}:probe`,
  /** One claim of one tick of the `on: any` targets. */
  claim: (slot: string) => `${sharedPrefix}:claim:${slot}`,
} as const;
