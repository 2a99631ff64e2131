import { randomUUID } from "node:crypto";
import { wordsOf } from "../redis/refusal.ts";
import type { Journal } from "./journal.ts";
import { createMemory, type Recorder, remembering } from "./memory.ts";
import type { RedisStore } from "./redis-store.ts";
import { StoreAway, type TargetStore } from "./target-store.ts";

/** The supervisor's store: Redis, and while Redis is away memory with a journal that is replayed afterwards. */
export interface SteadyStore extends TargetStore {
  /** True while decisions are kept in memory and journalled. */
  away(): boolean;
  /** Writes to disk what the journal could not take before; throws why it still cannot. Until then a crash of healq loses it. */
  keepJournal(): void;
  /** Why, in words for a person; undefined while it is not away. */
  whyAway(): string | undefined;
  /**
   * Learns what Redis remembers of these targets, and what an earlier healq left in the journal, before anything changes: the
   * first change may be the one that Redis does not take. Never rejects.
   */
  recall(targets: readonly string[]): Promise<void>;
  /**
   * Replays the journal, if there is one; called when Redis answers again. Resolves to the number of entries replayed; rejects
   * with `StoreAway` while Redis takes nothing, and says why.
   */
  catchUp(): Promise<number>;
}

/**
 * Wraps the Redis store of a node. A change that Redis does not take is kept in memory and in the journal; from then on
 * everything is, until `catchUp` has written it all down, so that order is kept and nothing is told twice.
 */
export function createSteadyStore({ redis, journal }: { redis: RedisStore; journal: Journal }): SteadyStore {
  const memory = createMemory(journal);
  const online = remembering(redis, memory);
  let why = journal.entries().length > 0 ? "Redis has not been told yet what was done without it" : undefined;
  let catchingUp: Promise<number> | undefined;

  /** With Redis; in its absence with memory. */
  async function record<T>(use: (recorder: Recorder) => Promise<T> | T): Promise<T> {
    if (why === undefined) {
      try {
        return await use(online);
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        why ??= wordsOf(error);
      }
    }
    return use(memory);
  }

  async function replayAll(): Promise<number> {
    const refusal = await redis.refusal();
    if (refusal !== undefined) {
      why = refusal;
      // Before the first entry: Redis would take it in part.
      throw new StoreAway(refusal);
    }
    const told = await replayed(redis, journal);
    journal.clear();
    why = undefined;
    return told;
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
    away: () => why !== undefined,
    whyAway: () => why,
    keepJournal: () => journal.keep(),
    recall: async (targets) => {
      const known = await redis.read(targets).catch(() => undefined); // why not, is told by the first use
      memory.recall(known ?? new Map(), journal.entries());
    },
    catchUp: () => {
      catchingUp ??= replayAll().finally(() => {
        catchingUp = undefined;
      });
      return catchingUp;
    },
  };
}

/** Tells Redis the whole journal, in order; an entry that is added meanwhile too. */
async function replayed(redis: RedisStore, journal: Journal): Promise<number> {
  let done = 0;
  for (let entry = journal.entries()[done]; entry !== undefined; entry = journal.entries()[done]) {
    await redis.replay(entry);
    done += 1;
  }
  return done;
}
