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

/** The environment of a process, or why it cannot be had. */
export type Environment = { readonly env: Record<string, string> } | { readonly problem: string };

/** The name of the variable that marks every process that healq started, and their children. */
export const markerName = "HEALQ_INSTANCE";

/**
 * healq's own environment less everything of healq's own (HEALQ_*, the Redis URL under whatever name), then
 * `envFile` (dotenv syntax), then `env`, then the marker.
 */
export function childEnvironment(
  spec: Pick<ProcessSpec, "env" | "envFile">,
  own: { readonly env: NodeJS.ProcessEnv; readonly redisUrl?: string | undefined; readonly marker: string },
): Environment {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own.env)) {
    if (value !== undefined && !isOwn(name, value, own.redisUrl)) env[name] = value;
  }
  if (spec.envFile !== undefined) {
    try {
      Object.assign(env, parseEnv(readFileSync(spec.envFile, "utf8")));
    } catch (error) {
      return { problem: `envFile ${spec.envFile} cannot be read: ${messageOf(error)}` };
    }
  }
  Object.assign(env, spec.env, { [markerName]: own.marker });
  const broken = Object.entries(env).find(([name, value]) => name.includes("\0") || value.includes("\0"));
  if (broken !== undefined) return { problem: `the variable ${JSON.stringify(broken[0])} holds a zero byte` };
  return { env };
}

function isOwn(name: string, value: string, redisUrl: string | undefined): boolean {
  if (name.startsWith("HEALQ_") || name === "REDIS_URL" || managersOwn.has(name)) return true;
  return redisUrl !== undefined && redisUrl !== "" && value === redisUrl;
}
