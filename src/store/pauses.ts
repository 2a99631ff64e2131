import type { Redis } from "ioredis";
import * as z from "zod";
import { parseJson } from "../lib/parse-json.ts";
import type { Pause } from "../model/fleet.ts";
import { sharedKeys } from "./keys.ts";

/** The field of the kill switch. */
const everything = "*";

const schema = z.object({
  target: z.string().optional(),
  reason: z.string(),
  by: z.string(),
  at: z.number(),
  until: z.number().optional(),
});

/** Turns the kill switch (no `target`) or a silence on. */
export async function writePause(redis: Redis, pause: Pause): Promise<void> {
  await redis.hset(sharedKeys.pauses, pause.target ?? everything, JSON.stringify(pause));
}

/** Turns it off; `undefined` is the kill switch. Returns whether it was on. */
export async function removePause(redis: Redis, target: string | undefined): Promise<boolean> {
  return (await redis.hdel(sharedKeys.pauses, target ?? everything)) > 0;
}

/** All pauses that are on at `now`; those whose time is over are left out. */
export async function readPauses(redis: Redis, now: number): Promise<Pause[]> {
  const all = await redis.hgetall(sharedKeys.pauses);
  return Object.entries(all).flatMap(([field, text]) => {
    const pause = parseJson(schema, text);
    // Garbage in the kill switch's place still is a kill switch: when in doubt, do nothing.
    if (pause === undefined) return [unreadable(field, now)];
    return pause.until !== undefined && pause.until <= now ? [] : [pause];
  });
}

function unreadable(field: string, now: number): Pause {
  const pause = {
    reason: "an unreadable pause lies in Redis; `healq resume` removes it",
    by: "unknown",
    at: now,
  };
  return field === everything ? pause : { ...pause, target: field };
}
