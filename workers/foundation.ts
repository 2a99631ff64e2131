import { systemClock } from "../src/lib/clock.ts";
import type { Releasers } from "../src/lib/releasers.ts";
import { createKept } from "../src/look/kept.ts";
import { createMemories, type MemoryOf } from "../src/look/memories.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { Log } from "../src/model/log.ts";
import { openQueues, type Queues } from "../src/queues/queues.ts";
import { type Calls, openCalls } from "../src/store/calls.ts";
import { readPauses } from "../src/store/pauses.ts";
import { openWishes, type Wishes } from "../src/system/wishes.ts";
import { type Connections, openConnections } from "./connections.ts";
import { openStores, type Stores } from "./stores.ts";

/** What every process of a node stands on, whatever its roles. */
export interface Foundation {
  readonly config: Config;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly releasers: Releasers;
  readonly connections: Connections;
  readonly stores: Stores;
  readonly queues: Queues;
  readonly wishes: Wishes;
  readonly memoryOf: MemoryOf;
  /** Those who call in are heard by the web part, and looked at by the checks. */
  readonly calls: Calls;
  pauses(): Promise<readonly Pause[]>;
}

/** Connects and opens; what it opens is released by `releasers`. */
export async function layFoundation(options: {
  config: Config;
  log: Log;
  redact: (text: string) => string;
  releasers: Releasers;
  supervises: boolean;
}): Promise<Foundation> {
  const { config, log, redact, releasers, supervises } = options;
  const connections = await openConnections({ config, supervises, env: process.env, log, releasers });
  const redis = connections.swift;
  const now = () => systemClock.now();
  const stores = openStores({ config, redis, redact, now, supervises });
  const queues = openQueues({ connection: redis, eventsConnection: connections.patient, failFast: true });
  releasers.add("queues", () => queues.close());
  const wishes = openWishes(config.stateDir);
  const memoryOf = createMemories({ kept: createKept({ stateDir: config.stateDir, access: "write" }) });
  releasers.add("memories", () => memoryOf.close());
  return {
    config,
    log,
    redact,
    releasers,
    connections,
    stores,
    queues,
    wishes,
    memoryOf,
    calls: openCalls(redis),
    pauses: async () => {
      const local = wishes.pauses(now());
      const shared = await readPauses(redis, now()).catch(() => undefined);
      // The file has what Redis said a second ago: a Redis that does not answer is no permission.
      if (shared === undefined) return local;
      // Whoever says pause is heard, here or there.
      return wishes.untold().length > 0 ? [...local, ...shared] : shared;
    },
  };
}
