import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cleanup } from "../support/cleanup.ts";

/** A web server whose every answer takes some time. */
export interface SlowServer {
  readonly port: number;
  /** Forgets the rounds so far. */
  reset(): void;
  /** The rounds of requests that were all answered: how many, and milliseconds from the first request to the last answer. */
  rounds(): Round[];
}

/** Requests that follow each other closely. */
export interface Round {
  readonly requests: number;
  readonly ms: number;
}

/** A pause as long as this (milliseconds) without a request under way parts two rounds. */
const silence = 400;

/** Starts it on a free port. */
export async function startSlowServer(answerMs: number, cleanup: Cleanup): Promise<SlowServer> {
  let rounds: { first: number; last: number; requests: number; open: number }[] = [];
  const server = createServer((_request, response) => {
    const now = performance.now();
    const newest = rounds.at(-1);
    const same = newest !== undefined && (newest.open > 0 || now - newest.last < silence);
    const round = same ? newest : { first: now, last: now, requests: 0, open: 0 };
    if (!same) rounds.push(round);
    round.requests += 1;
    round.open += 1;
    response.once("close", () => {
      round.open -= 1;
      round.last = performance.now();
    });
    setTimeout(() => response.end("ok"), answerMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    // A server that listens on TCP has an address with a port.
    port: (server.address() as AddressInfo).port,
    reset: () => {
      rounds = [];
    },
    rounds: () =>
      rounds
        .filter(({ open }) => open === 0)
        .map(({ first, last, requests }) => ({ requests, ms: last - first })),
  };
}
