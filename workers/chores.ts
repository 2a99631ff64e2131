import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { type Config, targetsOn } from "../src/model/config.ts";
import type { Log } from "../src/model/log.ts";
import type { Target } from "../src/model/target.ts";
import { applicationsOf } from "../src/model/target.ts";
import { anyNode, sharedKeys } from "../src/store/keys.ts";
import { announceTargets, beat, readNodes } from "../src/store/nodes.ts";
import type { Wishes } from "../src/system/wishes.ts";
import type { StatusBoard } from "./board.ts";
import type { Chore } from "./every-second.ts";
import { createLogRotation } from "./log-rotation.ts";
import { syncPauses } from "./pause-sync.ts";
import type { Stores } from "./stores.ts";

/** What the supervisor does about once a second. */
export function supervisorChores(options: {
  config: Config;
  redis: Redis;
  stores: Stores;
  wishes: Wishes;
  board: StatusBoard;
  log: Log;
  healqLog: string;
  version: string;
  now: () => number;
}): Chore[] {
  const { config, redis, stores, wishes, board, log, healqLog, now } = options;
  const startedAt = now();
  let announced = false;
  const self = { node: config.node, pid: process.pid, host: hostname(), version: options.version, startedAt };
  return [
    {
      name: "heartbeat",
      run: async () => {
        if (await beat(redis, { ...self, seenAt: now() })) announced = false;
        if (announced) return;
        await announce(config, redis, targetsOn(config, config.node));
        announced = true;
      },
    },
    { name: "pauses", run: () => syncPauses(redis, wishes, now()) },
    { name: "lost nodes", run: () => noticeLostNodes(options) },
    { name: "status.json", run: () => board.flush() },
    { name: "log rotation", run: createLogRotation(config, { healqLog, log }) },
    { name: "journal.jsonl", run: () => stores.steady?.keepJournal() },
    {
      name: "journal",
      run: async () => {
        if (stores.steady?.away() !== true || redis.status !== "ready") return;
        const told = await stores.steady.catchUp();
        log.info({ entries: told }, `Redis is back; ${told} journal entries were told to it`);
      },
    },
  ];
}

/** Says once which targets this node has, and `any` node. */
export async function announce(config: Config, redis: Redis, targets: readonly Target[]): Promise<void> {
  const short = ({ id, kind, ladders }: Target) => {
    const all = [ladders.any, ...Object.values(ladders.bySymptom)];
    return { id, kind, tries: Math.max(1, ...all.map(applicationsOf)) };
  };
  await announceTargets(redis, config.node, targets.filter(({ nodes }) => nodes !== "any").map(short));
  const shared = targets.filter(({ nodes }) => nodes === "any");
  // A node whose config has none must not take them off the list of those that have.
  if (shared.length > 0) await announceTargets(redis, anyNode, shared.map(short));
}

/** A node that went without a word is told once, by whoever notices first. */
async function noticeLostNodes({
  config,
  redis,
  stores,
  now,
}: Parameters<typeof supervisorChores>[0]): Promise<void> {
  for (const { node, alive, seenAt } of await readNodes(redis, now())) {
    if (alive || seenAt === 0 || node === config.node) continue;
    const claimed = await redis.set(
      sharedKeys.claim(`lost:${node}:${seenAt}`),
      config.node,
      "EX",
      86_400,
      "NX",
    );
    if (claimed !== "OK") continue;
    const reason = `${node} has not been seen since ${new Date(seenAt).toISOString()}`;
    await stores.own.note([{ at: now(), event: "node.lost", reason, details: { node } }]);
  }
}
