import { systemClock } from "../src/lib/clock.ts";
import type { Releasers } from "../src/lib/releasers.ts";
import { createMemories, type MemoryOf } from "../src/look/memories.ts";
import { type Config, targetsOn } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { Log } from "../src/model/log.ts";
import { openQueues, type Queues } from "../src/queues/queues.ts";
import { readPauses } from "../src/store/pauses.ts";
import { openWishes, type Wishes } from "../src/system/wishes.ts";
import { shownState } from "../src/views/status.ts";
import { openBoard, type StatusBoard } from "./board.ts";
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
  readonly board: StatusBoard;
  readonly memoryOf: MemoryOf;
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
  const shown: Parameters<typeof openBoard>[0]["shown"] = (target, phase, seen) =>
    shownState(config.targets.get(target)?.kind ?? "", phase, seen);
  const own = targetsOn(config, config.node).flatMap(({ id, nodes }) => (nodes === "any" ? [] : [id]));
  return {
    config,
    log,
    redact,
    releasers,
    connections,
    stores,
    queues,
    wishes,
    memoryOf: createMemories(),
    board: openBoard({ stateDir: config.stateDir, targets: own, shown }),
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
