import type { Target } from "./target.ts";

/** One declared use of an alert channel. */
export interface ChannelUse {
  readonly id: string;
  readonly channel: string;
  /** As the channel's schema parsed them. */
  readonly params: unknown;
  /** Alerts milder than this are not sent to it. */
  readonly from: "info" | "warning" | "critical";
}

/** What a login may do. */
export type Role = "viewer" | "operator";

/** A login of the config. */
export interface TokenUse {
  readonly name: string;
  readonly token: string;
  readonly role: Role;
}

/** The whole config, checked. All paths absolute, all durations in milliseconds. Never changed afterwards. */
export interface Config {
  /** The file it came from. */
  readonly file: string;
  /** Its folder. */
  readonly base: string;
  readonly node: string;
  /** URL of a Redis; absent: healq runs a private one under `stateDir`. */
  readonly redis?: string;
  readonly stateDir: string;
  readonly timezone: string;
  /** All targets of the file, whatever node they are on, in the order of the file. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly limits: {
    readonly heals: { readonly max: number; readonly per: number };
    readonly concurrency: number;
    /** From 0 to 1. */
    readonly maxUnhealthy: number;
  };
  readonly alerts: readonly ChannelUse[];
  readonly web: { readonly host: string; readonly port: number; readonly tokens: readonly TokenUse[] };
}

/** True if this node looks at the target: it is named, or the target is for any node. */
export function isOn(target: Target, node: string): boolean {
  return target.nodes === "any" || target.nodes.includes(node);
}

/** The targets of one node, `any` ones included, in the order of the file. */
export function targetsOn(config: Config, node: string): Target[] {
  return [...config.targets.values()].filter((target) => isOn(target, node));
}
