import type { Request, Response } from "express";

/** A browser or program that does not read is dropped once so many bytes wait for it; it comes back by itself. */
const mostWaiting = 1_000_000;
/** A line now and then tells proxies and clients that the stream lives. Milliseconds. */
const heartbeatEvery = 15_000;

/** One open stream of server-sent events. */
export interface EventStream {
  send(text: string): void;
  end(): void;
}

/** One event in the form of the HTML standard, § Server-sent events. */
export function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Begins a stream; `closed` is called once, when either side has ended it. */
export function openStream(
  request: Request,
  response: Response,
  closed: (stream: EventStream) => void,
): EventStream {
  response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  response.write("retry: 2000\n\n");
  const beat = setInterval(() => stream.send(": alive\n\n"), heartbeatEvery);
  const stream: EventStream = {
    send: (text) => {
      if (response.writableLength > mostWaiting) response.destroy();
      else if (response.writable) response.write(text);
    },
    end: () => {
      response.end();
    },
  };
  let over = false;
  const close = () => {
    clearInterval(beat);
    if (over) return;
    over = true;
    closed(stream);
  };
  response.on("close", close);
  // A connection that breaks while it is written to says so by an error; nobody is left to tell.
  response.on("error", close);
  request.on("error", close);
  return stream;
}
