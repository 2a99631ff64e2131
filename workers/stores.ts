import type { Redis } from "ioredis";
import { type Config, isOn } from "../src/model/config.ts";
import type { TargetState } from "../src/model/state.ts";
import type { Target } from "../src/model/target.ts";
import { journalFile, openJournal } from "../src/store/journal.ts";
import { anyNode } from "../src/store/keys.ts";
import { createRedisStore } from "../src/store/redis-store.ts";
import { createSteadyStore, type SteadyStore } from "../src/store/steady-store.ts";
import type { TargetStore } from "../src/store/target-store.ts";

/** Where this process keeps and reads what is remembered of targets. */
export interface Stores {
  /** The supervisor's, which survives a time without Redis. */
  readonly steady?: SteadyStore;
  readonly own: TargetStore;
  storeOf(target: Target): TargetStore;
  /** The newest state of any target, on whatever node it is. */
  stateOf(id: string): Promise<TargetState | undefined>;
}

/** Opens them; only the supervisor (`supervises`) keeps a journal. */
export function openStores(options: {
  config: Config;
  redis: Redis;
  redact: (text: string) => string;
  now: () => number;
  supervises: boolean;
}): Stores {
  const { config, redis, redact, now, supervises } = options;
  const plain = createRedisStore({ redis, node: config.node, redact });
  const steady = supervises
    ? createSteadyStore({
        redis: plain,
        journal: openJournal({ file: journalFile(config.stateDir), now }),
      })
    : undefined;
  const own = steady ?? plain;
  const others = new Map<string, TargetStore>();
  const storeOn = (node: string): TargetStore => {
    if (node === config.node) return own;
    const store = others.get(node) ?? createRedisStore({ redis, node, redact });
    others.set(node, store);
    return store;
  };
  const storeOf = (target: Target) => {
    if (target.nodes === "any") return storeOn(anyNode);
    return storeOn(isOn(target, config.node) ? config.node : (target.nodes[0] ?? config.node));
  };
  return {
    ...(steady === undefined ? {} : { steady }),
    own,
    storeOf,
    stateOf: async (id) => {
      const target = config.targets.get(id);
      if (target === undefined) return undefined;
      return (await storeOf(target).read([id])).get(id)?.state;
    },
  };
}
