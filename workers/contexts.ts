import { randomBytes } from "node:crypto";
import type { AlertContext } from "../jobs/alert.ts";
import type { CheckContext, Dispatch, HealContext, LookContext } from "../jobs/context.ts";
import { createLimits, type Limits } from "../jobs/limits.ts";
import { createLocks } from "../jobs/locks.ts";
import { unmetNeeds } from "../jobs/needs.ts";
import { recordObservations } from "../jobs/record-looks.ts";
import type { Sources } from "../jobs/sources.ts";
import { gatherSurroundings } from "../jobs/surroundings.ts";
import { kindOf } from "../src/checks/registry.ts";
import { type Clock, systemClock } from "../src/lib/clock.ts";
import { createLooker } from "../src/look/looker.ts";
import type { MemoryOf } from "../src/look/memories.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { Log } from "../src/model/log.ts";
import type { CallView, ProcessControl, ProcessView } from "../src/model/ports.ts";
import { readProcesses } from "../src/system/read-processes.ts";
import type { Wishes } from "../src/system/wishes.ts";
import type { StatusBoard } from "./board.ts";
import { wasJustStarted } from "./just-started.ts";
import type { Stores } from "./stores.ts";

/** What the contexts of the supervisor are made of. */
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
  readonly calls: CallView;
  /** The pauses that Redis knows; those of the local file while it is away. */
  pauses(): Promise<readonly Pause[]>;
}

/** Incidents are named by when and by chance: short enough to type. */
function newId(): string {
  return `${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
}

/** What deciding needs. Each caller gets a looker of its own: a heal's looks do not stand in the way of a tick's. */
export function checkContext(
  parts: Parts,
  processes: ProcessView,
  limits?: Limits,
): CheckContext & { close(): void } {
  const { config, stores, board, wishes, dispatch } = parts;
  const clock: Clock = systemClock;
  const { memoryOf, redact, calls } = parts;
  const looker = createLooker({ kindOf, processes, clock, calls, memoryOf, redact });
  const sources: Sources = {
    config,
    clock,
    stateOf: (id) => stores.stateOf(id),
    pauses: parts.pauses,
    stopped: (id) => wishes.stopped(id) !== undefined,
    healInFlight: (target) => dispatch.healInFlight(target),
    fleet: async () => board.fleet(),
    troubleOf: (id) => board.trouble(id),
    isStarting: (id) =>
      board.status(id) === undefined
        ? wasJustStarted(id, { config, processes, now: clock.now() })
        : board.isStarting(id),
    ...(limits === undefined ? {} : { fullUntil: () => limits.fullUntil(clock.now()) }),
  };
  const context: CheckContext & { close(): void } = {
    config,
    node: config.node,
    clock,
    random: Math.random,
    newId,
    log: parts.log,
    looker,
    dispatch,
    board,
    record: (observations) => recordObservations(observations, context),
    storeOf: (target) => stores.storeOf(target),
    surroundings: (target, observation, state) => gatherSurroundings(sources, target, observation, state),
    unmetNeeds: (target) => unmetNeeds(sources, target),
    ...(limits === undefined ? {} : { limits }),
    close: () => looker.close(),
  };
  return context;
}

/** What a process beside the supervisor looks with: it decides nothing, and gets things done over the queues only. */
export function besideContext(
  parts: Pick<Parts, "config" | "log" | "memoryOf" | "calls" | "redact" | "dispatch">,
  record: LookContext["record"],
): LookContext & { readonly log: Log; close(): void } {
  const { config, log, memoryOf, calls, redact, dispatch } = parts;
  const clock: Clock = systemClock;
  const processes = readProcesses(config.stateDir);
  const looker = createLooker({ kindOf, processes, clock, calls, memoryOf, redact });
  return { config, clock, log, looker, dispatch, record, close: () => looker.close() };
}

/** What acting needs; the supervisor's alone. */
export function healContext(parts: Parts, processes: ProcessControl): HealContext & { close(): void } {
  const limits = createLimits(parts.config.limits);
  return {
    ...checkContext(parts, processes, limits),
    processes,
    memoryOf: parts.memoryOf,
    locks: createLocks(),
    limits,
    wishes: parts.wishes,
    pauses: parts.pauses,
    redact: parts.redact,
  };
}

/** What sending alerts needs. */
export function alertContext({
  config,
  log,
  stores,
}: Pick<Parts, "config" | "log" | "stores">): AlertContext {
  return { config, log, note: (note) => stores.own.note([note]), now: () => systemClock.now() };
}
