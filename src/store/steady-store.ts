import { randomUUID } from "node:crypto";
import type { Journal } from "./journal.ts";
import { createMemory, type Recorder, remembering } from "./memory.ts";
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
  const memory = createMemory(journal);
  const online = remembering(redis, memory);
  let away = journal.entries().length > 0;
  let catchingUp: Promise<number> | undefined;

  /** With Redis; in its absence with memory. */
  async function record<T>(use: (recorder: Recorder) => Promise<T> | T): Promise<T> {
    if (!away) {
      try {
        return await use(online);
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        away = true;
      }
    }
    return use(memory);
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
    read: (targets) => record((recorder) => recorder.read(targets)),
    commit: (change) => record((recorder) => recorder.commit(change)),
    keepLooks: (looks) => record((recorder) => recorder.keepLooks(looks)),
    note: (notes) => {
      const name = randomUUID();
      return record((recorder) => recorder.noteOnce(name, notes));
    },
    incident: (id) => record((recorder) => recorder.incident(id)),
    away: () => away,
    catchUp: () => {
      catchingUp ??= replayAll().finally(() => {
        catchingUp = undefined;
      });
      return catchingUp;
    },
  };
}
