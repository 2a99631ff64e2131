import type { Redis } from "ioredis";
import { anyNode, nodeKeys, nodePrefix, sharedKeys, sharedPrefix } from "./keys.ts";

/** A key of healq that holds something else than healq keeps there: somebody else wrote it. */
export interface WrongKey {
  readonly key: string;
  /** What lies there now, as `TYPE` says. */
  readonly is: string;
  readonly wanted: string;
}

/** The types of a queue's keys, as BullMQ writes them. Source: `QueueKeys` and the Lua scripts of BullMQ 6. */
const queueTypes: Readonly<Record<string, string>> = {
  wait: "list",
  active: "list",
  paused: "list",
  delayed: "zset",
  prioritized: "zset",
  completed: "zset",
  failed: "zset",
  marker: "zset",
  stalled: "set",
  "stalled-check": "string",
  id: "string",
  meta: "hash",
  events: "stream",
};

/** All keys of healq on one node and those that all share, with their types. Jobs, of which there are many, are left out. */
function typesOf(node: string): Map<string, string> {
  const types = new Map<string, string>();
  const { nodes, targets, pauses, calls, callsAwaited } = sharedKeys;
  for (const key of [nodes, targets, pauses, calls, callsAwaited]) types.set(key, "hash");
  for (const place of [node, anyNode]) {
    const keys = nodeKeys(place);
    for (const key of [keys.state, keys.look, keys.incidents]) types.set(key, "hash");
    for (const key of [keys.incidentOrder, keys.told]) types.set(key, "zset");
    types.set(keys.audit, "stream").set(keys.journal, "string").set(keys.revision, "string");
  }
  const queues = [`${sharedPrefix}:heal`, `${sharedPrefix}:alert`];
  for (const place of [node, anyNode])
    queues.push(`${nodePrefix(place)}:check.${place}`, `${nodePrefix(place)}:heal.${place}`);
  for (const queue of queues)
    for (const [part, type] of Object.entries(queueTypes)) types.set(`${queue}:${part}`, type);
  return types;
}

/** Which keys of this node, and of those that all nodes share, hold something else than healq keeps there. One round trip. */
export async function wrongKeys(redis: Redis, node: string): Promise<WrongKey[]> {
  const types = [...typesOf(node)];
  const asked = redis.pipeline();
  for (const [key] of types) asked.type(key);
  const answers = (await asked.exec()) ?? [];
  return types.flatMap(([key, wanted], n) => {
    const [error, answer] = answers[n] ?? [null, "none"];
    if (error !== null) throw error;
    const is = String(answer);
    return is === "none" || is === wanted ? [] : [{ key, is, wanted }];
  });
}

/** At most so many keys are named in one sentence. */
const named = 3;

/** What is wrong, and the command that mends it. */
export function describeWrongKeys(redis: Redis, wrong: readonly WrongKey[]): string {
  const shown = wrong.slice(0, named);
  const what = shown.map(({ key, is, wanted }) => `${key} (a ${is}, not a ${wanted})`).join(", ");
  const more = wrong.length > named ? ` and ${wrong.length - named} more` : "";
  const keys = shown.map(({ key }) => `'${key}'`).join(" ");
  return `somebody has overwritten what healq keeps in Redis: ${what}${more}; remove it with \`${clientOf(redis)} DEL ${keys}\``;
}

/** How a person reaches this Redis; a password is not shown. */
function clientOf({ options }: Redis): string {
  const { path, host, port, db } = options;
  const where = path === undefined ? ` -h ${host} -p ${port}` : ` -s ${path}`;
  return `redis-cli${where}${db ? ` -n ${db}` : ""}`;
}
