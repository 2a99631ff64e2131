import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../lib/clock.ts";
import { HealqError, messageOf } from "../model/errors.ts";
import { createDoor, type Door } from "./door.ts";
import type { EventHub } from "./events.ts";
import { createFront } from "./front.ts";
import type { WebContext, WebOptions } from "./options.ts";
import { ensureToken } from "./token.ts";

/** A running web part. */
export interface Web {
  /** Where people open it. */
  readonly url: string;
  /** The link that signs in, when the token was made just now: to be shown once. */
  readonly signInLink?: string;
  /** Ends event streams and connections; returns within a few seconds, and at once when called again. */
  stop(): Promise<void>;
}

/** How long requests under way may take to end when healq stops, in milliseconds. */
const stopWithin = 2_000;

/**
 * Serves the API, Bull Board and the status page. Rejects with `HealqError`: `port-in-use` naming host and port,
 * `cannot-listen`, or `token-file`; the caller goes on healing without it.
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 });
  server.maxConnections = 512;
  const port = await listen(server, options);
  try {
    // From here to `on("request")` nothing is awaited: the first request finds everything in its place.
    const clock = options.clock ?? systemClock;
    const made = ensureToken(options.tokenFile);
    const tokens = [...options.tokens, { name: "operator", token: made.token, role: "operator" as const }];
    const door = createDoor({ tokens, port, clock });
    const context = { ...options, port, clock };
    const app = appOf(context, door);
    server.on("request", createFront(context, app.load));
    const url = `http://${shownHost(options.host)}:${port}`;
    let stopped: Promise<void> | undefined;
    return {
      url,
      ...(made.fresh ? { signInLink: `${url}/login?token=${made.token}` } : {}),
      stop: () => {
        stopped ??= stop(server, app.stop());
        return stopped;
      },
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

/** The app with its event streams, loaded when it is asked for. */
function appOf(context: WebContext, door: Door): { load(): Promise<RequestListener>; stop(): Promise<void> } {
  let events: EventHub | undefined;
  return {
    load: async () => {
      const [{ createApp }, { createEventHub }] = await Promise.all([
        import("./app.ts"),
        import("./events.ts"),
      ]);
      events ??= createEventHub(context);
      return createApp(context, { door, events });
    },
    stop: async () => events?.stop(),
  };
}

function listen(server: Server, { host, port }: WebOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, `${host}:${port}`)));
    // A server that listens on TCP has an address of this form.
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function refusal(error: NodeJS.ErrnoException, place: string): HealqError {
  if (error.code === "EADDRINUSE") {
    const message = `${place} is in use by another program; set web.port in the config`;
    return new HealqError("port-in-use", message, { cause: error });
  }
  return new HealqError("cannot-listen", `cannot listen on ${place}: ${messageOf(error)}`, { cause: error });
}

async function stop(server: Server, streams: Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), stopWithin);
  await closed;
  clearTimeout(force);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stopWithin);
  });
  await Promise.race([streams, late]);
  clearTimeout(timer);
}

/** An address for people: one that stands for all of them cannot be opened, and IPv6 wants brackets. */
function shownHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
