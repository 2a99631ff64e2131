import type * as z from "zod";
import type { Finding } from "./finding.ts";
import type { CheckMemory, ProcessControl } from "./ports.ts";
import type { Target } from "./target.ts";

/** What a remedy may reach. */
export interface RemedyContext {
  readonly target: Target;
  /** The fault to cure, when one was seen. */
  readonly finding?: Finding;
  readonly processes: ProcessControl;
  /** What the looks at the target remember: a cure may use the connection that they hold open, when a server takes no new one. */
  readonly memory: CheckMemory;
  /** Aborts when the heal is cancelled (a person stopped the target) or its time is over. */
  readonly signal: AbortSignal;
  /** When an earlier delivery of this cure began that healq's own end cut off (milliseconds since the epoch): what was started since is not done again. */
  readonly begunAt?: number;
  /** Every step is said, in the words of the plan, right before it is done. */
  step(line: string): void;
  /** Rejects with `GuardClosed` if a person stopped or paused the target meanwhile; asked between two halves of a cure. */
  mayGoOn(): Promise<void>;
}

/** What a remedy wants done by others; `jobs/heal` enqueues it. */
export type FollowUp =
  | { readonly type: "heal"; readonly target: string; readonly reason: string }
  | { readonly type: "alert"; readonly message: string };

/** What an application did. */
export interface RemedyResult {
  readonly followUps?: readonly FollowUp[];
  /** Facts worth keeping in the audit: old and new pid, bytes freed, rows … */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One way to cure: one file in `src/remedies/`, one line in its registry. Must stand being run twice. */
export interface RemedyDefinition<Params> {
  readonly remedy: string;
  readonly summary: string;
  /** Parameters as written after the name in `heal`; a bare name means `{}` or null, whatever the schema's default says. */
  readonly schema: z.ZodType<Params>;
  /** The kinds it fits. */
  readonly kinds: "all" | readonly string[];
  /** False when it changes nothing by itself (`alert`): it is not waited for, one look follows. */
  readonly cures: boolean;
  /** The other targets that its parameters name. */
  references?(params: Params): readonly string[];
  /** The one other target whose heal it asks for, when it cures through that alone. */
  asks?(target: Pick<Target, "spec">, params: Params): string | undefined;
  /** Why it cannot be used on this target, or undefined: `restart needs run: or start:`. */
  misfit?(target: Pick<Target, "kind" | "spec">, params: Params): string | undefined;
  /** Why it may do nothing about the finding, by what the config allows: then nothing is spent on a try. Quick, and asks nobody. */
  refuses?(context: Pick<RemedyContext, "target" | "finding">): string | undefined;
  /** The very steps that `apply` will say and do, in order. Changes nothing. */
  plan(context: RemedyContext, params: Params): Promise<readonly string[]>;
  /** Does it; rejects with a clear message if it could not. */
  apply(context: RemedyContext, params: Params): Promise<RemedyResult>;
  undo?(context: RemedyContext, params: Params): Promise<void>;
}

/** Any remedy, as the registry holds it. */
export type AnyRemedy = RemedyDefinition<unknown>;

/** Registers a remedy. */
export function defineRemedy<Params>(definition: RemedyDefinition<Params>): AnyRemedy {
  // The registry hands a remedy only what its own schema parsed, so its parameter type is known to hold.
  return definition as unknown as AnyRemedy;
}
