import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { messageOf } from "../model/errors.ts";
import type { ProcessSpec } from "../model/process.ts";

/** What a service manager said to healq alone: a worker that answered it would speak in healq's name. */
const managersOwn = new Set([
  "NOTIFY_SOCKET",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
]);

/** What the terminal that healq was started in says of itself: a process in a window of tmux has another one. */
const terminalsOwn = new Set([
  "TERM",
  "TERM_PROGRAM",
  "TERM_PROGRAM_VERSION",
  "TMUX",
  "TMUX_PANE",
  "COLUMNS",
  "LINES",
]);

/** What the environment of a process is made of beside what its spec says. */
export interface OwnEnvironment {
  /** healq's own. */
  readonly env: NodeJS.ProcessEnv;
  readonly redisUrl?: string | undefined;
  readonly marker: string;
  /** The field that lets a shell start the process, if any does. */
  readonly shell?: string | undefined;
}

/** The environment of a process, or why it cannot be had. */
export type Environment = { readonly env: Record<string, string> } | { readonly problem: string };

/** The name of the variable that marks every process that healq started, and their children. */
export const markerName = "HEALQ_INSTANCE";

/** healq's own environment, as far as it does not tell of the terminal that healq runs in. */
export function withoutTerminal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !terminalsOwn.has(name)));
}

/**
 * healq's own environment less everything of healq's own (HEALQ_*, the Redis URL under whatever name), then
 * `envFile` (dotenv syntax), then `env`, then the marker.
 */
export function childEnvironment(
  spec: Pick<ProcessSpec, "env" | "envFile">,
  own: OwnEnvironment,
): Environment {
  const configured: Record<string, string> = {};
  if (spec.envFile !== undefined) {
    try {
      Object.assign(configured, parseEnv(readFileSync(spec.envFile, "utf8")));
    } catch (error) {
      return { problem: `envFile ${spec.envFile} cannot be read: ${messageOf(error)}` };
    }
  }
  Object.assign(configured, spec.env);
  const lost = own.shell === undefined ? undefined : Object.keys(configured).find((name) => !isShells(name));
  if (lost !== undefined)
    return {
      problem: `the variable ${JSON.stringify(lost)} would be lost: ${own.shell} needs a shell, which hands on only names of letters, digits and _`,
    };
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own.env)) {
    if (value !== undefined && !isOwn(name, value, own.redisUrl)) env[name] = value;
  }
  Object.assign(env, configured, { [markerName]: own.marker });
  const broken = Object.entries(env).find(([name, value]) => name.includes("\0") || value.includes("\0"));
  if (broken !== undefined) return { problem: `the variable ${JSON.stringify(broken[0])} holds a zero byte` };
  return { env };
}

/** Source: dash and busybox drop all others from what they hand on. */
function isShells(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function isOwn(name: string, value: string, redisUrl: string | undefined): boolean {
  if (name.startsWith("HEALQ_") || name === "REDIS_URL" || managersOwn.has(name)) return true;
  return redisUrl !== undefined && redisUrl !== "" && value === redisUrl;
}
