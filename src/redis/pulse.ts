import type { Redis } from "ioredis";

/** How often the connection is asked, and how long (both milliseconds) an answer may take before it counts as lost. */
const askEvery = 500;
const answerWithin = 1_000;

/**
 * Breaks a connection whose Redis is there but silent (stopped, swapping, a network that drops), so that it is away for all
 * who use it within a second or two, instead of costing each command its whole timeout. It connects again by itself.
 * Returns what stops it.
 */
export function keepPulse(redis: Redis): () => void {
  let asked: number | undefined;
  const ask = () => {
    if (redis.status !== "ready") asked = undefined;
    else if (asked === undefined) {
      const at = performance.now();
      asked = at;
      const settle = () => {
        if (asked === at) asked = undefined;
      };
      redis.ping().then(settle, settle);
    } else if (performance.now() - asked > answerWithin) {
      // Our own process may have been the silent one: an answer that lies there already is read first.
      const since = asked;
      setImmediate(() => {
        // Not `disconnect`: that one waits for the other end to close too.
        if (asked === since) redis.stream.destroy();
      });
    }
  };
  const timer = setInterval(ask, askEvery).unref();
  return () => clearInterval(timer);
}
