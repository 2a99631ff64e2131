import type { Clock } from "../src/lib/clock.ts";
import type { Looker } from "../src/look/looker.ts";
import type { MemoryOf } from "../src/look/memories.ts";
import type { Alert } from "../src/model/alert.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { HealResult } from "../src/model/heal.ts";
import type { Log } from "../src/model/log.ts";
import type { Observation } from "../src/model/observation.ts";
import type { ProcessControl } from "../src/model/ports.ts";
import type { TargetState } from "../src/model/state.ts";
import type { Surroundings } from "../src/model/surroundings.ts";
import type { Target } from "../src/model/target.ts";
import type { TargetStore } from "../src/store/target-store.ts";
import type { Wishes } from "../src/system/wishes.ts";
import type { Limits } from "./limits.ts";
import type { TargetLocks } from "./locks.ts";

/** A heal that policy or another heal asks for. */
export interface HealOrder {
  readonly target: string;
  readonly symptom?: string;
  readonly incident?: string;
  readonly reason: string;
  readonly attempts: number;
  readonly dryRun: boolean;
  readonly onBehalfOf?: string;
}

/** How a job gets others to do things: over the queues, or directly while Redis is away. */
export interface Dispatch {
  heal(order: HealOrder): Promise<void>;
  /** Waits for the outcome too; rejects with its reason, or with the signal's: the heal then goes on without us. */
  healAndWait(order: HealOrder, signal: AbortSignal): Promise<HealResult>;
  /** `delay` in milliseconds; none: at once. */
  look(targets: readonly string[], delay?: number): Promise<void>;
  /** Over one declared channel; the same `key` is the same alert, sent once. */
  alert(alert: Alert, to: { readonly channel: string; readonly key: string }): Promise<void>;
  healInFlight(target: Target): Promise<boolean>;
}

/** The newest thing known of a target on this node, for `status.json` and the blast radius. */
export interface Board {
  /** A look has just ended; nothing is decided yet. */
  saw(observation: Observation): void;
  set(target: string, observation: Observation | undefined, state: TargetState): void;
}

/** What looking needs. */
export interface LookContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly looker: Looker;
  readonly dispatch: Pick<Dispatch, "look">;
  /** Does with what was seen what is to be done: the supervisor decides on it, a process beside it hands it over. */
  record(observations: readonly Observation[]): Promise<void>;
}

/** What deciding needs; only the supervisor does it. */
export interface CheckContext extends LookContext {
  readonly node: string;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Log;
  readonly dispatch: Dispatch;
  readonly board: Board;
  /** The node's blast radius; absent in a process that only looks, for it knows nothing of it. */
  readonly limits?: Limits;
  storeOf(target: Target): TargetStore;
  surroundings(target: Target, observation: Observation, state: TargetState): Promise<Surroundings>;
  /** The needs of a target that are not met, with why. */
  unmetNeeds(target: Target): Promise<readonly string[]>;
}

/** What the side that acts needs; only the supervisor has it. */
export interface HealContext extends CheckContext {
  readonly processes: ProcessControl;
  /** What the looks remember. */
  readonly memoryOf: MemoryOf;
  readonly locks: TargetLocks;
  readonly limits: Limits;
  readonly wishes: Wishes;
  /** The pauses that are on, from Redis and from the local file. */
  pauses(): Promise<readonly Pause[]>;
  /** Removes secrets from a text that leaves the process. */
  redact(text: string): string;
}
