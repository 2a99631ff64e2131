import type { Redis } from "ioredis";
import { messageOf, UnreachableError } from "../model/errors.ts";
import { refusalOf, wordsOf } from "../redis/refusal.ts";
import { sharedKeys } from "./keys.ts";
import { describeWrongKeys, wrongKeys } from "./wrong-keys.ts";

/** How long the key that a probe writes stays, in milliseconds. */
const probeStays = 1_000;

/**
 * Why a Redis that answers cannot be used all the same: it takes no writes (full, a replica, its disk is full), or somebody
 * has overwritten keys of healq. In words of what to do; undefined when all is well. Rejects when the connection is lost.
 */
export async function whyRefused(redis: Redis, node: string): Promise<string | undefined> {
  try {
    await redis.set(sharedKeys.probe, "", "PX", probeStays);
  } catch (error) {
    const refusal = refusalOf(error);
    // A login that may only read has nothing to write.
    if (refusal === undefined && /\bNOPERM\b/.test(messageOf(error))) return undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
  const wrong = await wrongKeys(redis, node);
  return wrong.length === 0 ? undefined : describeWrongKeys(redis, wrong);
}

/** What Redis refused as an `UnreachableError` that says why and names the keys; any other error as it is. */
export async function explained(error: unknown, redis: Redis, node: string): Promise<unknown> {
  if (refusalOf(error) === undefined) return error;
  const why = await whyRefused(redis, node).catch(() => undefined);
  return new UnreachableError(why ?? wordsOf(error), error);
}
