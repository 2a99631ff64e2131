import type { Stage } from "./scenario.ts";
import type { Story } from "./story.ts";
import type { Timeline } from "./timeline.ts";

/** What a scenario is played with. */
export interface Theatre {
  readonly stage: Stage;
  readonly stateDir: string;
  readonly story: Story;
  readonly timeline: Timeline;
  /** Aborted when the demo ends before its time. */
  readonly signal: AbortSignal;
  /** Ends the demo, for this reason. */
  stop(why: Error): void;
}
