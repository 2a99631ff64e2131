import type { Redis } from "ioredis";
import { readPauses, removePause, writePause } from "../src/store/pauses.ts";
import type { Wishes } from "../src/system/wishes.ts";

/** Tells Redis what was said while it was away, then takes over what it says: the file holds when Redis is away again. */
export async function syncPauses(redis: Redis, wishes: Wishes, now: number): Promise<void> {
  const untold = wishes.untold();
  for (const said of untold) {
    if (said.type === "pause") await writePause(redis, said.pause);
    else await removePause(redis, said.target);
  }
  wishes.mirror(await readPauses(redis, now), untold);
}
