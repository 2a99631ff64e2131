import type { Clock } from "../src/lib/clock.ts";
import type { Config } from "../src/model/config.ts";
import type { Pause } from "../src/model/fleet.ts";
import type { TargetState } from "../src/model/state.ts";
import type { Target } from "../src/model/target.ts";

/** How the world around a target is asked about. */
export interface Sources {
  readonly config: Config;
  readonly clock: Clock;
  /** The newest state of any target, wherever it is. */
  stateOf(id: string): Promise<TargetState | undefined>;
  pauses(): Promise<readonly Pause[]>;
  stopped(id: string): boolean;
  healInFlight(target: Target): Promise<boolean>;
  fleet(): Promise<{ targets: number; unhealthy: number }>;
  /** What is wrong with a target of this node; undefined while it is not bad, or where nobody knows. */
  troubleOf?(id: string): string | undefined;
  /** A process of this node is being started, or waits to be; false where nobody knows. */
  isStarting?(id: string): boolean;
  /** When `limits.heals` has room again; undefined when it has now, or where nobody knows. */
  fullUntil?(): number | undefined;
}
