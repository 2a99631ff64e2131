import type { AuditNote } from "../model/audit.ts";
import type { Incident } from "../model/incident.ts";
import type { Read } from "./envelope.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { RedisStore } from "./redis-store.ts";
import type { Change, KeptLooks, LookOf } from "./target-store.ts";

/** What Redis and memory can both do. */
export interface Recorder {
  read(targets: readonly string[]): Promise<Map<string, Read>> | Map<string, Read>;
  commit(change: Change): Promise<boolean> | boolean;
  keepLooks(looks: readonly LookOf[]): Promise<KeptLooks> | KeptLooks;
  noteOnce(name: string, notes: readonly AuditNote[]): Promise<void> | void;
  incident(id: string): Promise<Incident | undefined> | Incident | undefined;
}

/** The newest states and incidents that this process has seen: what it goes by while Redis is away. Its changes are journalled. */
interface Memory extends Recorder {
  /** Takes down what Redis has. */
  remember(target: string, read: Read, incident?: Incident): void;
  /** Takes down what Redis has, and then what a journal says was done after it. */
  recall(known: ReadonlyMap<string, Read>, entries: readonly JournalEntry[]): void;
}

/** Creates an empty memory. */
export function createMemory(journal: Journal): Memory {
  const states = new Map<string, Read>();
  const incidents = new Map<string, Incident>();
  const remember: Memory["remember"] = (target, read, incident) => {
    states.set(target, read);
    if (incident !== undefined) incidents.set(target, incident);
  };
  return {
    remember,
    recall: (known, entries) => {
      for (const [target, read] of known) remember(target, read);
      for (const { change } of entries)
        if (change !== undefined) remember(change.target, change.after, change.incident);
    },
    read: (targets) => {
      const found = new Map<string, Read>();
      for (const target of targets) {
        const read = states.get(target);
        if (read !== undefined) found.set(target, read);
      }
      return found;
    },
    commit: (change) => {
      const { target, before = "", after, incident, notes } = change;
      if ((states.get(target)?.raw ?? "") !== before) return false;
      remember(target, after, incident);
      journal.append({ name: after.change, change, notes });
      return true;
    },
    keepLooks: () => ({ dropped: [], states }),
    noteOnce: (name, notes) => journal.append({ name, notes }),
    incident: (id) => [...incidents.values()].find((incident) => incident.id === id),
  };
}

/** Redis, and what it says is remembered. */
export function remembering(redis: RedisStore, { remember }: Memory): Recorder {
  return {
    read: async (targets) => {
      const found = await redis.read(targets);
      for (const [target, read] of found) remember(target, read);
      return found;
    },
    commit: async (change) => {
      const done = await redis.commit(change);
      if (done) remember(change.target, change.after, change.incident);
      return done;
    },
    keepLooks: async (looks) => {
      const kept = await redis.keepLooks(looks);
      for (const { target } of looks) {
        const read = kept.states.get(target);
        if (read !== undefined) remember(target, read);
      }
      return kept;
    },
    noteOnce: (name, notes) => redis.noteOnce(name, notes),
    incident: (id) => redis.incident(id),
  };
}
