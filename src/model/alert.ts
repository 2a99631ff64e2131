import type * as z from "zod";

/** A call to a person. */
export interface Alert {
  readonly node: string;
  readonly target: string;
  /** `incident.opened`, `incident.gave-up`, `incident.resolved`, `unknown`, … */
  readonly event: string;
  readonly severity: "info" | "warning" | "critical";
  /** The target is marked `critical`. */
  readonly critical: boolean;
  readonly message: string;
  readonly incident?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a channel may reach. */
export interface ChannelContext {
  readonly signal: AbortSignal;
  /** Folder of the config file. */
  readonly base: string;
  log(line: string): void;
}

/** One way to call a person: one file in `src/alerts/`, one line in its registry. */
export interface ChannelDefinition<Params> {
  readonly channel: string;
  readonly summary: string;
  readonly schema: z.ZodType<Params>;
  /** What it does is seen on the node that does it alone, so an alert is left to the node that it comes from. */
  readonly local?: boolean;
  /** Rejects with a clear message when the alert could not be handed over; it is then tried again. */
  send(alert: Alert, params: Params, context: ChannelContext): Promise<void>;
}

/** Any channel, as the registry holds it. */
export type AnyChannel = ChannelDefinition<unknown>;

/** Registers a channel. */
export function defineChannel<Params>(definition: ChannelDefinition<Params>): AnyChannel {
  // The registry hands a channel only what its own schema parsed, so its parameter type is known to hold.
  return definition as unknown as AnyChannel;
}
