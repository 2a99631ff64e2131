import type { Redis } from "ioredis";
import type { Pause } from "../src/model/fleet.ts";
import { readPauses, removePause, writePause } from "../src/store/pauses.ts";
import type { Wishes } from "../src/system/wishes.ts";

/** Tells Redis what was said while it was away, then takes over what it says: the file holds when Redis is away again. */
export async function syncPauses(redis: Redis, wishes: Wishes, now: number): Promise<void> {
  for (const said of wishes.untold()) {
    // exactOptionalPropertyTypes: zod types an absent key as `undefined`, which JSON cannot hold.
    if (said.type === "pause") await writePause(redis, said.pause as Pause);
    else await removePause(redis, said.target);
  }
  wishes.mirror(await readPauses(redis, now));
}
