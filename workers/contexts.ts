import { randomBytes } from "node:crypto";
import type { AlertContext } from "../jobs/alert.ts";
import type { CheckContext, Dispatch, HealContext } from "../jobs/context.ts";
import { createLimits } from "../jobs/limits.ts";
import { createLocks } from "../jobs/locks.ts";
import { gatherSurroundings, type Sources } from "../jobs/surroundings.ts";
import { kindOf } from "../src/checks/registry.ts";
import { type Clock, systemClock } from "../src/lib/clock.ts";
import { createLooker } from "../src/look/looker.ts";
import type { MemoryOf } from "../src/look/memories.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { Log } from "../src/model/log.ts";
import type { ProcessControl, ProcessView } from "../src/model/ports.ts";
import type { Wishes } from "../src/system/wishes.ts";
import type { StatusBoard } from "./board.ts";
import type { Stores } from "./stores.ts";

/** What the contexts of one process are made of. */
export interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly stores: Stores;
  readonly board: StatusBoard;
  readonly wishes: Wishes;
  readonly dispatch: Dispatch;
  redact(text: string): string;
  /** One past for all lookers of this process. */
  readonly memoryOf: MemoryOf;
  /** The pauses that Redis knows; those of the local file while it is away. */
  pauses(): Promise<readonly Pause[]>;
}

/** Incidents are named by when and by chance: short enough to type. */
function newId(): string {
  return `${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
}

/** What looking needs. Each caller gets a looker of its own: a heal's looks do not stand in the way of a tick's. */
export function checkContext(parts: Parts, processes: ProcessView): CheckContext & { close(): void } {
  const { config, stores, board, wishes, dispatch } = parts;
  const clock: Clock = systemClock;
  const looker = createLooker({ kindOf, processes, clock, memoryOf: parts.memoryOf, redact: parts.redact });
  const sources: Sources = {
    config,
    clock,
    stateOf: (id) => stores.stateOf(id),
    pauses: parts.pauses,
    stopped: (id) => wishes.stopped(id) !== undefined,
    healInFlight: (target) => dispatch.healInFlight(target),
    fleet: async () => board.fleet(),
  };
  return {
    config,
    node: config.node,
    clock,
    random: Math.random,
    newId,
    log: parts.log,
    looker,
    dispatch,
    board,
    storeOf: (target) => stores.storeOf(target),
    surroundings: (target, observation, state) => gatherSurroundings(sources, target, observation, state),
    close: () => looker.close(),
  };
}

/** What acting needs; the supervisor's alone. */
export function healContext(parts: Parts, processes: ProcessControl): HealContext & { close(): void } {
  return {
    ...checkContext(parts, processes),
    processes,
    locks: createLocks(),
    limits: createLimits(parts.config.limits),
    wishes: parts.wishes,
    pauses: parts.pauses,
    redact: parts.redact,
  };
}

/** What sending alerts needs. */
export function alertContext({ config, log, stores }: Parts): AlertContext {
  return { config, log, note: (note) => stores.own.note([note]), now: () => systemClock.now() };
}
