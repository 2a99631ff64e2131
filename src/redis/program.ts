import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { exitCodes, HealqError } from "../model/errors.ts";
import { installCommand } from "./install-hint.ts";

/** The programs that will do, the preferred one first. */
const programs = ["redis-server", "valkey-server"] as const;

/**
 * The server's program: `HEALQ_REDIS_SERVER` (a path, or a name on PATH), else redis-server, else valkey-server on PATH.
 * Throws a `HealqError` with the install command of this distribution when there is none.
 */
export function findRedisServer(env: NodeJS.ProcessEnv): string {
  const wanted = env.HEALQ_REDIS_SERVER;
  if (wanted !== undefined && wanted !== "") {
    const program = wanted.includes("/") ? runnable(resolve(wanted)) : onPath(wanted, env);
    if (program !== undefined) return program;
    throw missing(
      `HEALQ_REDIS_SERVER names "${wanted}", which is no program that can be run; correct it or unset it`,
    );
  }
  for (const name of programs) {
    const program = onPath(name, env);
    if (program !== undefined) return program;
  }
  throw missing(
    `there is no redis-server or valkey-server on PATH. ${advice()}, or name a Redis with redis: in the config`,
  );
}

function advice(): string {
  const isRoot = process.getuid?.() === 0;
  const command = installCommand({ platform: process.platform, osRelease: readOsRelease(), isRoot });
  return command === undefined ? "Install one of them, version 6.2 or newer" : `Install one: ${command}`;
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  // An empty or relative entry means the current folder, where anyone may have put a program of that name.
  const folders = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => runnable(join(folder, name))).find((program) => program !== undefined);
}

function runnable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

function missing(message: string): HealqError {
  return new HealqError("redis-missing", message, { exitCode: exitCodes.unreachable });
}
