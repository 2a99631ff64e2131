import type { Redis } from "ioredis";
import { messageOf } from "../model/errors.ts";

/** Something about a Redis server that a person should know before healq relies on it. */
interface ServerProblem {
  /** `problem`: healq does not work with it. `warning`: it works until it does not. */
  readonly severity: "problem" | "warning";
  readonly message: string;
}

/** The oldest Redis that BullMQ recommends (`RedisConnection.recommendedMinimumVersion` of 6.7) and healq is tested with. */
const oldest = [6, 2] as const;

/**
 * Whether healq can rely on this server: version, role, eviction. Empty: all is well. What the server does not let us
 * ask (INFO or CONFIG forbidden, as on some hosted ones) is a warning that it could not be checked. Rejects only when the connection is lost.
 */
export async function checkServer(redis: Redis): Promise<readonly ServerProblem[]> {
  const info = await asked(redis, async () => fieldsOf(await redis.info()));
  const version = info?.get("redis_version") ?? (await asked(redis, () => helloVersion(redis)));
  const policy = info?.get("maxmemory_policy") ?? (await asked(redis, () => configuredPolicy(redis)));
  return [
    ...versionProblems(version),
    ...policyProblems(policy),
    ...(info?.get("role") === "slave"
      ? [problem("this Redis is a replica and cannot be written to; name its primary")]
      : []),
    ...(info?.get("redis_mode") === "cluster"
      ? [problem("this Redis is a Cluster, which is not built yet; name a single server")]
      : []),
  ];
}

function versionProblems(version: string | undefined): ServerProblem[] {
  if (version === undefined)
    return [warning("the server's version could not be checked: it forbids INFO and HELLO")];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return isOld ? [problem(`Redis ${version} is too old; healq needs ${oldest.join(".")} or newer`)] : [];
}

function policyProblems(policy: string | undefined): ServerProblem[] {
  if (policy === undefined)
    return [
      warning(
        "maxmemory-policy could not be checked: the server forbids INFO and CONFIG; it must be noeviction",
      ),
    ];
  if (policy === "noeviction") return [];
  return [
    warning(
      `maxmemory-policy is ${policy}: under memory pressure Redis would drop jobs and state without a word; set it with \`redis-cli CONFIG SET maxmemory-policy noeviction\` and in redis.conf`,
    ),
  ];
}

/** The answer, or undefined when the server refuses the question; a lost connection rejects. */
async function asked<T>(redis: Redis, question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (redis.status !== "ready" || !/NOPERM|unknown command|not allowed/i.test(messageOf(error)))
      throw error;
    return undefined;
  }
}

/** `redis_version` of HELLO, which every login may send; the reply is a flat list of names and values. */
async function helloVersion(redis: Redis): Promise<string | undefined> {
  const reply = await redis.call("HELLO");
  if (!Array.isArray(reply)) return undefined;
  const at = reply.indexOf("version");
  const version: unknown = at < 0 ? undefined : reply[at + 1];
  return typeof version === "string" ? version : undefined;
}

async function configuredPolicy(redis: Redis): Promise<string | undefined> {
  const reply = await redis.call("CONFIG", "GET", "maxmemory-policy");
  const policy: unknown = Array.isArray(reply) ? reply[1] : undefined;
  return typeof policy === "string" ? policy : undefined;
}

/** The `name:value` lines of INFO. */
function fieldsOf(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}

function problem(message: string): ServerProblem {
  return { severity: "problem", message };
}

function warning(message: string): ServerProblem {
  return { severity: "warning", message };
}
