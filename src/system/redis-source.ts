import { isIP } from "node:net";
import { UsageError } from "../model/errors.ts";

/** Which Redis: the URL of the config, or the socket of the private server. */
export type RedisSource = { readonly url: string } | { readonly socket: string };

/** Where a Redis listens and who we are there; what a `RedisSource` comes down to. */
interface RedisAddress {
  readonly scheme: "redis" | "rediss" | "unix";
  /** Of a Unix socket. */
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
}

/** Stands where a Unix socket's URL has no host. */
const noHost = "no-host.invalid";

const schemes = ["redis", "rediss", "unix"] as const;

/** Reads a source; throws a `UsageError`, without any password in it, when the URL is none that healq can use. */
export function addressOf(source: RedisSource): RedisAddress {
  if ("socket" in source) return { scheme: "unix", path: source.socket, db: 0 };
  // A URL may not have a login without a host, so a socket gets one for the parser.
  const text = source.url.replace(/^unix:\/\/([^/]*@)?\//, `unix://$1${noHost}/`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = schemes.find((name) => url?.protocol === `${name}:`);
  if (url === undefined || scheme === undefined) {
    throw new UsageError(
      "the URL of the Redis is not one that healq can use; write redis://HOST:6379, rediss://HOST:6380 or unix:///PATH",
    );
  }
  if (url.hash !== "") throw new UsageError('the URL of the Redis has a "#"; write it as %23 in a password');
  const login = {
    ...(url.username === "" ? {} : { username: decoded(url.username, "user name") }),
    ...(url.password === "" ? {} : { password: decoded(url.password, "password") }),
  };
  return scheme === "unix" ? ofSocket(url, login) : ofHost(scheme, url, login);
}

/** Where and as whom to connect, in the words of ioredis and BullMQ. */
interface AddressOptions {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string };
  readonly db: number;
}

/** The address for ioredis, and for BullMQ's `connection`. Throws as `addressOf` does. */
export function addressOptions(source: RedisSource): AddressOptions {
  const { scheme, path, host, port, username, password, db } = addressOf(source);
  return {
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(scheme === "rediss"
      ? { tls: host === undefined || isIP(host) !== 0 ? {} : { servername: host } }
      : {}),
    db,
  };
}

/** The source for people, with `***` for a password; never throws. */
export function describeRedis(source: RedisSource): string {
  try {
    const { scheme, path, host, port, username, password, db } = addressOf(source);
    const login =
      username === undefined && password === undefined
        ? ""
        : `${username ?? ""}${password === undefined ? "" : ":***"}@`;
    if (scheme === "unix") return `unix://${login}${path}${db === 0 ? "" : `?db=${db}`}`;
    const shown = host?.includes(":") ? `[${host}]` : host;
    return `${scheme}://${login}${shown}:${port}${db === 0 ? "" : `/${db}`}`;
  } catch {
    return "the Redis of the config";
  }
}

function ofSocket(url: URL, login: Pick<RedisAddress, "username" | "password">): RedisAddress {
  const path = decoded(url.pathname, "path");
  if (url.host !== noHost || path === "" || path === "/") {
    throw new UsageError(
      "the URL of a Redis on a Unix socket has three slashes: unix:///run/redis/redis.sock",
    );
  }
  const { db = "0", ...others } = Object.fromEntries(url.searchParams);
  refuseOthers(Object.keys(others));
  return { scheme: "unix", path, db: numbered(db), ...login };
}

function ofHost(
  scheme: "redis" | "rediss",
  url: URL,
  login: Pick<RedisAddress, "username" | "password">,
): RedisAddress {
  refuseOthers([...url.searchParams.keys()]);
  if (url.hostname === "") throw new UsageError(`the URL of the Redis names no host: ${scheme}://HOST:6379`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 6379 : Number(url.port);
  return { scheme, host, port, db: numbered(url.pathname.slice(1) || "0"), ...login };
}

function numbered(db: string): number {
  if (!/^\d{1,5}$/.test(db))
    throw new UsageError("the database of the Redis is a number: redis://HOST:6379/0");
  return Number(db);
}

function refuseOthers(names: readonly string[]): void {
  if (names.length === 0) return;
  throw new UsageError(`the URL of the Redis has parameters that healq does not know: ${names.join(", ")}`);
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(
      `the ${what} in the URL of the Redis has a "%" that starts no escape; write it as %25`,
    );
  }
}
