import { setTimeout as sleep } from "node:timers/promises";
import type { Request, Response } from "express";
import type { AuditEntry } from "../model/audit.ts";
import { messageOf } from "../model/errors.ts";
import { auditView } from "../views/audit.ts";
import { readStatus } from "./api/status.ts";
import { WebError } from "./errors.ts";
import type { WebContext } from "./options.ts";
import { type EventStream, eventText, openStream } from "./sse.ts";

/** Streams at once. */
const most = 100;
/** What changed within so many milliseconds is read in one go. */
const gather = 200;
/** Before a record that could not be followed is tried again, in milliseconds. */
const again = 1_000;

/** `GET /api/events`: `audit` with each new entry, `status` with a target (as `GET /api/targets/ID`) that changed. */
export interface EventHub {
  serve(request: Request, response: Response): void;
  stop(): Promise<void>;
}

/** Follows the record once for all streams, and only while there is one: following takes a connection to Redis. */
export function createEventHub(context: WebContext): EventHub {
  const streams = new Set<EventStream>();
  let following: { stop: AbortController; done: Promise<void> } | undefined;
  const broadcast = (text: string) => {
    for (const stream of streams) stream.send(text);
  };
  const changed = gatherChanges(context, broadcast);

  const start = () => {
    const stop = new AbortController();
    const heard = (entry: AuditEntry) => {
      broadcast(eventText("audit", auditView(entry)));
      if (entry.target !== undefined) changed(entry.target);
    };
    following = { stop, done: follow(context, heard, stop.signal) };
  };
  const rest = async () => {
    const was = following;
    following = undefined;
    was?.stop.abort();
    await was?.done;
  };

  const closed = (stream: EventStream) => {
    streams.delete(stream);
    if (streams.size === 0) void rest();
  };
  return {
    serve: (request, response) => {
      if (streams.size >= most)
        throw new WebError(503, "too-many-streams", `${most} event streams are open already`);
      streams.add(openStream(request, response, closed));
      if (following === undefined) start();
    },
    stop: () => {
      const done = rest();
      for (const stream of streams) stream.end();
      return done;
    },
  };
}

async function follow(
  context: WebContext,
  heard: (entry: AuditEntry) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const entry of context.reader.follow({}, signal)) heard(entry);
    } catch (error) {
      context.log.warn({ reason: messageOf(error) }, "the record cannot be followed; trying again");
    }
    await sleep(again, undefined, { signal }).catch(() => undefined);
  }
}

/** Sends the state of targets that changed, read a moment later: what belongs together often comes in several entries. */
function gatherChanges(context: WebContext, broadcast: (text: string) => void): (target: string) => void {
  const waiting = new Set<string>();
  const flush = async () => {
    const ids = new Set(waiting);
    waiting.clear();
    const { targets } = await readStatus(context);
    for (const target of targets) if (ids.has(target.id)) broadcast(eventText("status", target));
  };
  const failed = (error: unknown) =>
    context.log.warn({ reason: messageOf(error) }, "a change could not be read");
  return (target) => {
    if (waiting.size === 0) setTimeout(() => flush().catch(failed), gather).unref();
    waiting.add(target);
  };
}
