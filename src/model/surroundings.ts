/** What `decide` must know of the world around a target; gathered by the caller, never by `decide`. */
export interface Surroundings {
  /** The needs that are not met, with why: `predictive_engine is critical`, `db was stopped by ann`. */
  readonly unmetNeeds: readonly string[];
  /** The kill switch or a silence of this target, if one is on. */
  readonly paused?: {
    readonly scope: "everything" | "target";
    readonly reason: string;
    readonly until?: number;
  };
  /** A person wants it stopped. */
  readonly stopped: boolean;
  /** An automatic heal of this target is waiting, running or backing off. */
  readonly healInFlight: boolean;
  /** Share of this node's targets that are bad by inference alone, and of how many: the blast radius of inferred faults. */
  readonly fleet: { readonly targets: number; readonly unhealthy: number };
  /** `limits.heals` of the node leaves no room for an automatic heal before this, in milliseconds since the epoch. */
  readonly fullUntil?: number;
  /** `limits.maxUnhealthy`, from 0 to 1. */
  readonly maxUnhealthy: number;
}
