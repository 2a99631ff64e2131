import type { Redis } from "ioredis";

/** How often the connection is asked, and how long (both milliseconds) an answer may take before it counts as lost. */
const askEvery = 200;
const answerWithin = 600;

/**
 * Breaks a connection whose Redis is there but silent (stopped, swapping, a network that drops), so that it is away for all
 * who use it within a second, instead of costing each command its whole timeout. It connects again by itself.
 * Returns what stops it.
 */
export function keepPulse(redis: Redis): () => void {
  let asked: { at: number; heard: number } | undefined;
  const ask = () => {
    if (redis.status !== "ready") asked = undefined;
    else if (asked === undefined) {
      const mine = { at: performance.now(), heard: redis.stream.bytesRead };
      asked = mine;
      const settle = () => {
        if (asked === mine) asked = undefined;
      };
      redis.ping().then(settle, settle);
    } else if (redis.stream.bytesRead > asked.heard) {
      // It answers what was sent before the question, and there is a lot of that.
      asked.at = performance.now();
      asked.heard = redis.stream.bytesRead;
    } else if (performance.now() - asked.at > answerWithin) {
      // Our own process may have been the silent one: an answer that lies there already is read first.
      const { heard } = asked;
      setImmediate(() => {
        // Not `disconnect`: that one waits for the other end to close too.
        if (asked?.heard === heard && redis.stream.bytesRead === heard) redis.stream.destroy();
      });
    }
  };
  const timer = setInterval(ask, askEvery).unref();
  return () => clearInterval(timer);
}
