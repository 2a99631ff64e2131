import { isAbsolute } from "node:path";
import * as z from "zod";

/** The URL of one Redis. Sentinel and Cluster are refused by name: not built yet. The messages never show the URL: it may hold a password. */
export function redisUrl() {
  return z
    .string({ error: () => "must be a URL: redis://, rediss:// or unix:///path" })
    .superRefine((url, context) => {
      const fault = redisFault(url);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    });
}

function redisFault(url: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return "must be a URL: redis://, rediss:// or unix:///path";
  if (scheme.includes("sentinel")) return "Redis Sentinel is not built yet; name one Redis";
  if (scheme.includes("cluster") || url.includes(","))
    return "Redis Cluster is not built yet; name one Redis";
  if (scheme === "unix")
    return isAbsolute(url.slice("unix://".length))
      ? undefined
      : "a unix:// URL needs an absolute path: unix:///run/redis.sock";
  if (scheme !== "redis" && scheme !== "rediss")
    return `the scheme ${scheme}:// is none of redis://, rediss:// and unix://`;
  return hasHost(url) ? undefined : `is no valid URL: ${scheme}://user:password@host:6379/0`;
}

function hasHost(url: string): boolean {
  try {
    return new URL(url).hostname !== "";
  } catch {
    return false;
  }
}
