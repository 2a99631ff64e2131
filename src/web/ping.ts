import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../model/errors.ts";
import { fromRedis } from "./bounded.ts";
import type { WebContext } from "./options.ts";
import { openPingKeys, type PingKeys } from "./ping-keys.ts";
import { sendJson } from "./plain.ts";
import { createThrottle } from "./throttle.ts";

/** Calls of one program that come sooner after one another than this (milliseconds) are taken down once. */
const atMostEvery = 1_000;

/** What a program sends along is read and forgotten, up to so many bytes. */
const bodyLimit = 64 * 1024;

interface Said {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** True for what is asked of `/ping/…`, whatever the method. */
export function asksPing({ url }: IncomingMessage): boolean {
  return url?.startsWith("/ping/") === true;
}

/**
 * `POST /ping/ID`: a program says that it lives. Its key comes as `?key=KEY` or `Authorization: Bearer KEY`; no login. An unknown name
 * and a wrong key get the same answer in the same time, and who tries many has to wait. Needs nothing of Express: see `createFront`.
 */
export function pings(
  context: WebContext,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const throttle = createThrottle(context.clock);
  const takeDown = recorderOf(context);
  let keys: PingKeys | undefined;
  const answer = async (request: IncomingMessage): Promise<Said> => {
    if (request.method !== "POST")
      return { ...refused(405, "method", "call with POST"), headers: { Allow: "POST" } };
    keys ??= openPingKeys(context.config);
    const { id, key } = callOf(request);
    const address = request.socket.remoteAddress ?? "";
    const login = `${id} ${key}`;
    const wait = throttle.wait(address, login);
    if (wait !== undefined) {
      const seconds = String(Math.ceil(wait / 1_000));
      const said = refused(
        429,
        "too-many-attempts",
        `too many wrong keys from here; try again in ${seconds} s`,
      );
      return { ...said, headers: { "Retry-After": seconds } };
    }
    if (!keys.fits(id, key)) {
      throttle.failed(address, login);
      return refused(404, "no-such-ping", "there is no heartbeat of this name with this key");
    }
    throttle.succeeded(login);
    return takeDown(id);
  };
  return async (request, response) => {
    swallow(request);
    const { status, body, headers } = await answer(request).catch((error: unknown) => {
      context.log.error({ err: error }, `a call was not heard: ${messageOf(error)}`);
      return refused(500, "internal", "the call was not heard; healq's log says more");
    });
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    sendJson(response, { status, body, to: request });
  };
}

/** Takes a call down; one that comes right after another is only answered. */
function recorderOf({ calls, clock }: WebContext): (id: string) => Promise<Said> {
  const last = new Map<string, number>();
  return async (id) => {
    const at = clock.now();
    const heard = { status: 200, body: { target: id, at: new Date(at).toISOString() } };
    if (Math.abs(at - (last.get(id) ?? 0)) < atMostEvery) return heard;
    try {
      await fromRedis(calls.record(id));
      last.set(id, at);
      return heard;
    } catch (error) {
      return refused(503, "unreachable", `heard, but not taken down yet: ${messageOf(error)}; call again`);
    }
  };
}

function refused(status: number, code: string, message: string): Said {
  return { status, body: { error: { code, message } } };
}

/** Which program calls, and with what key; both empty when the address cannot be understood. */
function callOf({ url = "", headers }: IncomingMessage): { id: string; key: string } {
  const [path = "", query = ""] = url.split("?", 2);
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  const key = bearer ?? new URLSearchParams(query).get("key") ?? "";
  return { id: /^\/ping\/([\w.-]{1,64})$/.exec(path)?.[1] ?? "", key: key.slice(0, 512) };
}

/** Reads what is sent, so that the answer reaches a client that is still sending; one that sends too much is cut off. */
function swallow(request: IncomingMessage): void {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bodyLimit) request.destroy();
  });
}
