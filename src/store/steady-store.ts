import { randomUUID } from "node:crypto";
import type { Incident } from "../model/incident.ts";
import type { Read } from "./envelope.ts";
import type { Journal } from "./journal.ts";
import type { RedisStore } from "./redis-store.ts";
import { StoreAway, type TargetStore } from "./target-store.ts";

/** The supervisor's store: Redis, and while Redis is away memory with a journal that is replayed afterwards. */
export interface SteadyStore extends TargetStore {
  /** True while decisions are kept in memory and journalled. */
  away(): boolean;
  /** Replays the journal, if there is one; called when Redis is back. Resolves to the number of entries replayed. */
  catchUp(): Promise<number>;
}

/**
 * Wraps the Redis store of a node. A change that Redis does not take is kept in memory and in the journal; from then on
 * everything is, until `catchUp` has written it all down, so that order is kept and nothing is told twice.
 */
export function createSteadyStore({ redis, journal }: { redis: RedisStore; journal: Journal }): SteadyStore {
  const known = new Map<string, Read>();
  const incidents = new Map<string, Incident>();
  let away = journal.entries().length > 0;
  let catchingUp: Promise<number> | undefined;

  const recall = (targets: readonly string[]) =>
    new Map(targets.flatMap((target) => (known.has(target) ? [[target, known.get(target) as Read]] : [])));

  /** Redis first; in its absence `fallback`. */
  async function either<T>(online: () => Promise<T>, fallback: () => T): Promise<T> {
    if (!away) {
      try {
        return await online();
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        away = true;
      }
    }
    return fallback();
  }

  async function replayAll(): Promise<number> {
    let done = 0;
    for (let entry = journal.entries()[done]; entry !== undefined; entry = journal.entries()[done]) {
      await redis.replay(entry);
      done += 1;
    }
    journal.clear();
    away = false;
    return done;
  }

  return {
    read: (targets) =>
      either(
        async () => {
          const found = await redis.read(targets);
          for (const [target, read] of found) known.set(target, read);
          return found;
        },
        () => recall(targets),
      ),
    commit: (change) =>
      either(
        async () => {
          const done = await redis.commit(change);
          if (done) known.set(change.target, change.after);
          if (done && change.incident !== undefined) incidents.set(change.target, change.incident);
          return done;
        },
        () => {
          if ((known.get(change.target)?.raw ?? "") !== (change.before ?? "")) return false;
          known.set(change.target, change.after);
          if (change.incident !== undefined) incidents.set(change.target, change.incident);
          journal.append({ name: change.after.change, change, notes: change.notes });
          return true;
        },
      ),
    keepLooks: (looks) =>
      either(
        () => redis.keepLooks(looks),
        () => [],
      ),
    note: (notes) => {
      const name = randomUUID();
      return either(
        () => redis.noteOnce(name, notes),
        () => journal.append({ name, notes }),
      );
    },
    incident: (id) =>
      either(
        () => redis.incident(id),
        () => [...incidents.values()].find((incident) => incident.id === id),
      ),
    away: () => away,
    catchUp: () => {
      catchingUp ??= replayAll().finally(() => {
        catchingUp = undefined;
      });
      return catchingUp;
    },
  };
}
