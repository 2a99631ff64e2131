import type { Redis } from "ioredis";

/** How much of something was done, and what one of it cost. */
export interface Rate {
  readonly perSecond: number;
  /** Microseconds of CPU, of this process and of Redis. */
  readonly nodeUs: number;
  readonly redisUs: number;
}

/** Does `round` again and again for some seconds; each says how much it did. */
export async function rateOf(redis: Redis, seconds: number, round: () => Promise<number>): Promise<Rate> {
  const before = await cpu(redis);
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < seconds * 1_000) count += await round();
  const took = (performance.now() - began) / 1_000;
  const after = await cpu(redis);
  return {
    perSecond: count / took,
    nodeUs: ((after.node - before.node) * 1e6) / count,
    redisUs: ((after.redis - before.redis) * 1e6) / count,
  };
}

/** CPU seconds used so far by this process and by Redis. */
async function cpu(redis: Redis): Promise<{ node: number; redis: number }> {
  const { user, system } = process.cpuUsage();
  const info = await redis.info("cpu");
  const used = [...info.matchAll(/used_cpu_(?:sys|user)(?:_children)?:([\d.]+)/g)].map(([, value]) =>
    Number(value),
  );
  return { node: (user + system) / 1e6, redis: used.reduce((sum, each) => sum + each, 0) };
}
