import { execa } from "execa";
import type { Config } from "../model/config.ts";
import { HealqError, messageOf } from "../model/errors.ts";
import { checkServer, connectFast, describeRedis, type RedisSource } from "../redis/connection.ts";
import { findRedisServer } from "../redis/program.ts";
import { whyRefused } from "../store/refusal.ts";
import { sourceOf } from "./client.ts";
import { bad, type Diagnosis, fine, warn } from "./diagnosis.ts";

/** How long a program may take to say its version, in milliseconds. */
const versionWithin = 3_000;

/** The Redis of the config, or the program of the private one, and the private one itself if it runs. */
export async function diagnoseRedis(config: Config): Promise<Diagnosis[]> {
  const source = sourceOf(config);
  const { node } = config;
  if (config.redis !== undefined) return server(source, { node, wanted: true });
  const program = await serverProgram();
  return program.level === "ok" ? [program, ...(await server(source, { node, wanted: false }))] : [program];
}

async function serverProgram(): Promise<Diagnosis> {
  try {
    const path = findRedisServer(process.env);
    const { stdout, exitCode } = await execa(path, ["--version"], { reject: false, timeout: versionWithin });
    const version = /v=(\d[\d.]*)/.exec(stdout ?? "")?.[1];
    if (exitCode !== 0 || version === undefined)
      return bad(
        "redis",
        `${path} --version does not say its version`,
        "install redis-server or valkey-server anew",
      );
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const isOld = major < 6 || (major === 6 && minor < 2);
    if (isOld) return bad("redis", `${path} is ${version}`, "install version 6.2 or newer");
    return fine("redis", `${path} ${version}, run privately under stateDir`);
  } catch (error) {
    return bad("redis", messageOf(error), "install it as said, or name a Redis with redis: in the config");
  }
}

/** `wanted` is false for a private server that need not run yet. */
async function server(
  source: RedisSource,
  { node, wanted }: { node: string; wanted: boolean },
): Promise<Diagnosis[]> {
  try {
    const redis = await connectFast(source);
    try {
      const problems = await checkServer(redis);
      const refusal = await whyRefused(redis, node);
      if (refusal !== undefined)
        return [bad("redis", `${describeRedis(source)}: ${refusal}`, "do as it says")];
      if (problems.length === 0)
        return [fine("redis", `${describeRedis(source)} answers, version and maxmemory-policy are right`)];
      return problems.map(({ severity, message }) => {
        const about = `${describeRedis(source)}: ${message}`;
        return severity === "problem"
          ? bad("redis", about, "use another Redis")
          : warn("redis", about, "set it before healq relies on it");
      });
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    if (!wanted) return [];
    const fix =
      error instanceof HealqError && error.code === "usage"
        ? "correct redis: in the config"
        : "start that Redis, or leave redis: out of the config for a private one";
    return [bad("redis", messageOf(error), fix)];
  }
}
