import type { Config } from "../model/config.ts";

/** What a process of a node may do. */
export const upRoles = ["scheduler", "check", "heal", "alert", "web"] as const;

/** One part of a node. */
export type UpRole = (typeof upRoles)[number];

/** A node that runs. */
export interface RunningNode {
  /** Stops it in good order, bounded in time; a second call does nothing more. */
  stop(): Promise<void>;
  /** Resolves when it has ended, whoever asked for that; rejects when it cannot go on. */
  readonly done: Promise<void>;
  /** The link that signs a browser in, when the token was made just now: it is shown once and written to no log. */
  readonly loginLink?: string;
  /** Why there is no status page yet: its port is taken. */
  readonly pageProblem?: string;
}

/** The part that runs a node (`workers/up.ts`), as the command line sees it. */
export interface UpModule {
  /** Resolves once everything runs. Rejects with a `HealqError` when it cannot be started. */
  up(options: {
    readonly config: Config;
    readonly roles: ReadonlySet<UpRole>;
    readonly log: { readonly level: "info" | "debug"; readonly json: boolean };
  }): Promise<RunningNode>;
}

/** True if these roles make a process the supervisor of its node: of these there is one per `stateDir`. */
export function isSupervisor(roles: ReadonlySet<UpRole>): boolean {
  return roles.has("scheduler") || roles.has("heal");
}
