import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { AuditNote } from "../model/audit.ts";
import { messageOf } from "../model/errors.ts";
import { type Read, unseal } from "./envelope.ts";
import { parseIncident } from "./incident-text.ts";
import type { JournalEntry } from "./journal.ts";
import { nodeKeys } from "./keys.ts";
import { createKnownStates, type KnownStates } from "./known-states.ts";
import { timeText, writeLook } from "./look-text.ts";
import { whyRefused } from "./refusal.ts";
import { defineScripts } from "./scripts.ts";
import { type Change, StoreAway, type TargetStore } from "./target-store.ts";

/** Where one node (or `any`) keeps its targets' states, in Redis. Every call rejects with `StoreAway` when Redis does not take it. */
export interface RedisStore extends TargetStore {
  /** As `note`; of the same name only once. */
  noteOnce(name: string, notes: readonly AuditNote[]): Promise<void>;
  /** Writes down what was done while Redis was away; each entry once, in order. */
  replay(entry: JournalEntry): Promise<void>;
  /** Why Redis cannot be used although it answers; undefined when it can. */
  refusal(): Promise<string | undefined>;
}

interface StoreOptions {
  readonly redis: Redis;
  readonly node: string;
  /** Removes secrets from what is written. */
  readonly redact: (text: string) => string;
}

/** Creates the store of one node. `redis` should fail fast (no offline queue), so that a commit never hangs. */
export function createRedisStore(options: StoreOptions): RedisStore {
  const { redis, node, redact } = options;
  defineScripts(redis);
  const keys = nodeKeys(node);
  const read = stateReader(redis, keys.state);
  const known = createKnownStates(read);
  return {
    read,
    keepLooks: (looks) =>
      orAway(async () => {
        const texts = looks.flatMap(({ target, look }) => [target, redact(writeLook(look))]);
        const now = timeText(Date.now());
        const answer = await redis.healqKeepLooks(keys.look, keys.state, keys.revision, now, ...texts);
        const [version = "", ...dropped] = answer;
        return {
          dropped,
          states: await known.at(
            version,
            looks.map(({ target }) => target),
          ),
        };
      }),
    incident: (id) => orAway(async () => parseIncident(await redis.hget(keys.incidents, id))),
    refusal: () => orAway(() => whyRefused(redis, node)),
    ...recorder(options, known),
  };
}

/** Reads states; a text that was read before is not parsed again, and gives the very same state. */
function stateReader(redis: Redis, key: string): RedisStore["read"] {
  const remembered = new Map<string, Read>();
  const parse = (target: string, raw: string): Read => {
    const known = remembered.get(target);
    if (known?.raw === raw) return known;
    const read = unseal(raw);
    remembered.set(target, read);
    return read;
  };
  return (targets) =>
    orAway(async () => {
      const found = new Map<string, Read>();
      if (targets.length === 0) return found;
      const raws = await redis.hmget(key, ...targets);
      targets.forEach((target, i) => {
        const raw = raws[i];
        if (raw) found.set(target, parse(target, raw));
      });
      return found;
    });
}

/** What writes to the record, each time under a name, so that nothing is written twice. */
function recorder(
  { redis, node, redact }: StoreOptions,
  known: KnownStates,
): Pick<RedisStore, "commit" | "note" | "noteOnce" | "replay"> {
  const keys = nodeKeys(node);
  const written = [keys.state, keys.audit, keys.incidents, keys.incidentOrder, keys.told, keys.revision];
  const noteOnce = (name: string, notes: readonly AuditNote[]) =>
    orAway(async () => {
      if (notes.length === 0) return;
      const texts = notes.map((note) => redact(noteText(note, node)));
      await redis.healqNote(keys.audit, keys.told, name, ...texts);
    });
  return {
    commit: (change) =>
      orAway(async () => {
        const { after, target, before = "", notes } = change;
        const texts = payload(change, notes, node).map(redact);
        const [from, to] = await redis.healqCommit(...written, after.change, target, before, ...texts);
        if (from === undefined || to === undefined) return false;
        known.changed(target, after, { from, to });
        return true;
      }),
    note: (notes) => noteOnce(randomUUID(), notes),
    noteOnce,
    replay: ({ number, name, change, notes }) =>
      orAway(async () => {
        const target = change?.target ?? "";
        const texts = payload(change, notes, node).map(redact);
        await redis.healqReplay(...written, keys.journal, String(number), name, target, ...texts);
      }),
  };
}

/** An audit note as it lies in the stream. */
export function noteText(note: AuditNote, node: string): string {
  return JSON.stringify({ ...note, node });
}

/** What both scripts write: the new text, the incident (id, JSON, opened at), the notes. */
function payload(change: Change | undefined, notes: readonly AuditNote[], node: string): string[] {
  const incident = change?.incident;
  return [
    change?.after.raw ?? "",
    incident?.id ?? "",
    incident === undefined ? "" : JSON.stringify(incident),
    String(incident?.openedAt ?? 0),
    ...notes.map((note) => noteText(note, node)),
  ];
}

async function orAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StoreAway(messageOf(error), { cause: error });
  }
}
