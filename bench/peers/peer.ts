import type { Cleanup } from "../support/cleanup.ts";

/** One process that is to be kept alive. */
export interface Worker {
  readonly id: string;
  readonly argv: readonly [string, ...string[]];
  /** It writes who it is there. */
  readonly pidFile: string;
  /** It touches this file all the time; a worker that does not is hung. Only for workers whose hangs are to be cured. */
  readonly beatFile?: string;
}

/** What a peer is to be like. `eager`: no limit stands in the way of a restart. `default`: as it comes. */
export type Temper = "eager" | "default";

/** What supervises some workers. */
export interface Peer {
  readonly name: string;
  /** It can tell from a worker's file that the worker hangs. */
  readonly noticesHangs: boolean;
  /** Why it cannot take part; undefined when it can. */
  missing(): string | undefined;
  /** Starts it; resolves when it has been told of all workers. It ends when the cleanup does. */
  start(options: {
    workers: readonly Worker[];
    temper: Temper;
    folder: string;
    cleanup: Cleanup;
  }): Promise<Supervision>;
}

/** A peer at work. */
export interface Supervision {
  /** The part of its configuration that matters, for people; of many workers the first. */
  readonly config: string;
  /** The last restart is over for it too; the worker may be killed again. */
  settled(id: string): boolean;
  /** What it says of a worker, in its own words. */
  state(id: string): string;
}

/** Said of a peer that is not there. */
export const notInstalled = "not installed: ./bench/peers.sh";
