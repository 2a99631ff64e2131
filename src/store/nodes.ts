import type { Redis } from "ioredis";
import * as z from "zod";
import { idPattern } from "../lib/fields.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { AnnouncedTarget, NodeRecord } from "../model/fleet.ts";
import { anyNode, sharedKeys } from "./keys.ts";

/** A node that has not been seen for this long counts as gone. Milliseconds. */
export const nodeGoneAfter = 5_000;

const heartbeatSchema = z.object({
  node: z.string(),
  pid: z.number(),
  host: z.string(),
  version: z.string(),
  startedAt: z.number(),
  seenAt: z.number(),
});

/** What a node says about itself, once a second. */
export type Heartbeat = z.infer<typeof heartbeatSchema>;

const targetsSchema = z.array(z.object({ id: z.string(), kind: z.string(), tries: z.number() }));

/** Says that the node lives. Resolves to true when Redis did not know it: it is new there, or Redis has lost its data. */
export async function beat(redis: Redis, heartbeat: Heartbeat): Promise<boolean> {
  return (await redis.hset(sharedKeys.nodes, heartbeat.node, JSON.stringify(heartbeat))) > 0;
}

/** Says which targets a node has, never how they are healed. */
export async function announceTargets(
  redis: Redis,
  node: string,
  targets: readonly AnnouncedTarget[],
): Promise<void> {
  await redis.hset(sharedKeys.targets, node, JSON.stringify(targets));
}

/** Takes a node that stops in good order off the list of the living. */
export async function leave(redis: Redis, node: string): Promise<void> {
  await redis.hdel(sharedKeys.nodes, node);
}

/** The names of all nodes that were ever announced, sorted; `any` is one when some target is for any node. */
export async function nodeNames(redis: Redis): Promise<string[]> {
  const names = await redis.hkeys(sharedKeys.targets);
  return names.filter((name) => name === anyNode || idPattern.test(name)).sort();
}

/** All nodes that were ever announced, by name; those without a fresh heartbeat are not alive. */
export async function readNodes(redis: Redis, now: number): Promise<NodeRecord[]> {
  const [beats, lists] = await Promise.all([
    redis.hgetall(sharedKeys.nodes),
    redis.hgetall(sharedKeys.targets),
  ]);
  return [...new Set([...Object.keys(lists), ...Object.keys(beats)])].sort().map((node) => {
    const heartbeat = parseJson(heartbeatSchema, beats[node]);
    const seenAt = heartbeat?.seenAt ?? 0;
    return {
      node,
      pid: heartbeat?.pid ?? 0,
      host: heartbeat?.host ?? "",
      version: heartbeat?.version ?? "",
      startedAt: heartbeat?.startedAt ?? 0,
      seenAt,
      alive: Math.abs(now - seenAt) < nodeGoneAfter,
      targets: parseJson(targetsSchema, lists[node]) ?? [],
    };
  });
}
