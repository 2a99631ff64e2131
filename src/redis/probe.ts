import { Redis } from "ioredis";
import { messageOf } from "../model/errors.ts";
import { redisOptions } from "./connection.ts";

/** What is found behind a socket. */
export type Probe =
  /** There is no such file. */
  | { readonly at: "absent" }
  /** A file that nobody listens on: stale. */
  | { readonly at: "refused" }
  /** Somebody holds it but does not answer in time, or answers strangely. */
  | { readonly at: "silent"; readonly why: string }
  /** A server that still reads its files; `folder` is where it keeps them. */
  | { readonly at: "loading"; readonly pid: number; readonly folder: string }
  | { readonly at: "ready"; readonly pid: number; readonly folder: string };

/** Asks once who is there, waiting at most `within` milliseconds (default 1 s). Never rejects. */
export async function probe(socket: string, within = 1_000): Promise<Probe> {
  const redis = new Redis({
    ...redisOptions({ socket }, "fail-fast"),
    lazyConnect: true,
    // The ready check would wait until a loading server has loaded; we want to hear that it loads.
    enableReadyCheck: false,
    connectTimeout: within,
  });
  let last: unknown;
  redis.on("error", (error: unknown) => {
    last = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Probe>((resolve) => {
    timer = setTimeout(() => resolve({ at: "silent", why: `no answer within ${within} ms` }), within);
  });
  try {
    return await Promise.race([redis.connect().then(() => ask(redis)), late]);
  } catch (error) {
    const why = messageOf(last ?? error);
    if (/ENOENT/.test(why)) return { at: "absent" };
    if (/ECONNREFUSED/.test(why)) return { at: "refused" };
    return { at: "silent", why };
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

async function ask(redis: Redis): Promise<Probe> {
  const [pong, info, config] = await Promise.all([
    redis.ping().catch((error: unknown) => messageOf(error)),
    redis.info("server"),
    redis.call("CONFIG", "GET", "dir"),
  ]);
  const pid = Number(/^process_id:(\d+)/m.exec(info)?.[1]);
  const folder: unknown = Array.isArray(config) ? config[1] : undefined;
  if (!Number.isInteger(pid) || typeof folder !== "string")
    return { at: "silent", why: "it does not answer as Redis does" };
  if (pong.startsWith("LOADING")) return { at: "loading", pid, folder };
  return pong === "PONG" ? { at: "ready", pid, folder } : { at: "silent", why: pong };
}
