import type { Queue } from "bullmq";
import type { Clock } from "../lib/clock.ts";
import type { AuditNote } from "../model/audit.ts";
import type { Config, TokenUse } from "../model/config.ts";
import type { FleetReader, FleetRequests } from "../model/fleet.ts";
import type { CallRecorder } from "../model/ports.ts";

/** How healq itself is, as `GET /healthz` says it; 200 when `status` is `ok`, else 503. No secrets: it needs no login. */
export interface HealthReport {
  readonly status: "ok" | "critical";
  /** `refusing`: it answers, but takes nothing, or somebody has overwritten what healq keeps there. */
  readonly redis: "ok" | "unreachable" | "refusing";
  /** What is wrong with Redis, and what to do. */
  readonly reason?: string;
  /** `elsewhere`: another process of this node schedules. */
  readonly scheduler: "ticking" | "stalled" | "elsewhere";
  /** Queues that somebody paused from outside. */
  readonly pausedQueues: readonly string[];
  readonly [more: string]: unknown;
}

/** Where the web part writes its log; a pino logger is one. */
export interface WebLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A queue that Bull Board shows. */
export interface ShownQueue {
  readonly queue: Queue;
  /** One line below its name. */
  readonly description?: string;
}

/** What the web part is built of. */
export interface WebOptions {
  /** Where it listens: a name or an address. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly config: Config;
  readonly reader: FleetReader;
  readonly requests: FleetRequests;
  /** Those there are now: nodes come and go. Rejects when Redis does not answer. */
  queues(): Promise<readonly ShownQueue[]>;
  health(): Promise<HealthReport>;
  /** Holds the login that healq makes at its first start; see `ensureToken`. */
  readonly tokenFile: string;
  /** The logins of the config. */
  readonly tokens: readonly TokenUse[];
  /** Writes what a person did in Bull Board to the record. */
  audit(note: AuditNote): Promise<void>;
  /** Takes down the calls of programs that must call in. */
  readonly calls: CallRecorder;
  readonly log: WebLog;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The options with what was found out at start. */
export interface WebContext extends WebOptions {
  readonly clock: Clock;
  /** The port it listens on. */
  readonly port: number;
}
