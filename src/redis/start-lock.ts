import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { HealqError } from "../model/errors.ts";

/** How long another starter is waited for, in milliseconds. */
const patience = 120_000;

/**
 * Holds the right to start or stop the server of `folder`, so that no two do at once: Redis itself would let a second server take the
 * first one's socket away and write into the same files. The lock is a socket in Linux' abstract namespace: the kernel lets go of it when
 * its holder dies, so none can be stale. Source: unix(7). Resolves with the function that lets go.
 */
export async function holdStart(folder: string, signal?: AbortSignal): Promise<() => Promise<void>> {
  const name = `\0healq-redis-${createHash("sha256").update(folder).digest("hex").slice(0, 32)}`;
  const deadline = performance.now() + patience;
  for (;;) {
    signal?.throwIfAborted();
    const release = await tryToHold(name);
    if (release !== undefined) return release;
    if (performance.now() > deadline) {
      throw new HealqError(
        "redis-busy",
        `another healq has been starting the Redis in ${folder} for 2 minutes; look at redis.log there`,
      );
    }
    await pause(20);
  }
}

/** Undefined when somebody else holds it. */
function tryToHold(name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else
        reject(
          new HealqError("redis-lock", `cannot take the lock for starting Redis: ${error.message}`, {
            cause: error,
          }),
        );
    });
    server.listen(name, () => {
      server.unref();
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}
