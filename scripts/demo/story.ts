import type { AuditView } from "../../src/views/audit.ts";

/** What healq's audit has told so far, oldest first. */
export interface Story {
  /** Takes in one entry, and tells it to those that listen. */
  add(entry: AuditView): void;
  /** The entries from a time on (milliseconds since the epoch), of one target or of all. */
  since(at: number, target?: string): AuditView[];
  /** Calls back for each entry from a time on, also for those that came already; returns what ends it. */
  listen(at: number, heard: (entry: AuditView) => void): () => void;
}

export function makeStory(): Story {
  const entries: AuditView[] = [];
  const listeners = new Set<(entry: AuditView) => void>();
  const since = (at: number, target?: string) =>
    entries.filter(
      (entry) => Date.parse(entry.at) >= at && (target === undefined || entry.target === target),
    );
  return {
    add: (entry) => {
      entries.push(entry);
      for (const heard of listeners) heard(entry);
    },
    since,
    listen: (at, heard) => {
      for (const entry of since(at)) heard(entry);
      const listener = (entry: AuditView) => void (Date.parse(entry.at) >= at && heard(entry));
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
