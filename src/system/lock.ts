import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { HealqError, messageOf } from "../model/errors.ts";
import { withFlock } from "./flock.ts";
import { lineReader } from "./lines.ts";
import { askHolder, type LockHolder } from "./lock-holder.ts";
import { holdersOf, unixListenersOn } from "./socket-owner.ts";

/** Called for each JSON line that a connection sends; `say` answers with a line, and the connection stays open. */
export type RequestListener = (request: unknown, say: (answer: object) => void) => void;

/** The lock, as long as this process lives or until it is released. */
export interface SupervisorLock {
  readonly path: string;
  /** Adds to what connections are told from now on, e.g. `{ready: true}`. */
  announce(more: Readonly<Record<string, unknown>>): void;
  /** Closes the socket and removes it. May be called twice. */
  release(): Promise<void>;
}

/**
 * Takes the one supervisor's lock of a `stateDir`: listens on a Unix socket, which dies with its holder. A stale socket
 * (nobody listens) is removed. Every connection is told `{pid, node, since, …}` in one JSON line. Rejects with a
 * `HealqError` `held` that names the holder; one that is stopped (SIGSTOP) and does not answer still holds.
 */
export async function acquireSupervisorLock(
  path: string,
  info: LockHolder,
  options: { readonly onRequest?: RequestListener } = {},
): Promise<SupervisorLock> {
  let told: Record<string, unknown> = { ...info };
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    serve(socket, told, options.onRequest);
  });
  // Two healqs that both find a stale socket must not remove each other's new one: looking, removing and listening is one step.
  try {
    await withFlock(`${path}.lock`, () => listenAlone(server, path));
  } catch (error) {
    if (error instanceof HealqError) throw error;
    throw new HealqError("lock", `the supervisor's lock ${path} cannot be taken: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    path,
    announce: (more) => {
      told = { ...told, ...more };
    },
    release: async () => {
      for (const socket of connections) socket.destroy();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listenAlone(server: Server, path: string): Promise<void> {
  const holder = await askHolder(path);
  if (holder !== undefined) throw new HealqError("held", describeHolder(path, holder));
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function describeHolder(path: string, holder: LockHolder | "silent"): string {
  if (holder !== "silent") {
    return `healq is already running here: pid ${holder.pid}, node ${holder.node}, since ${new Date(holder.since).toISOString()} (it holds ${path})`;
  }
  const pid = holdersOf(unixListenersOn(path))[0]?.pid;
  const who = pid === undefined ? "a process that is not to be seen" : `pid ${pid}`;
  return `healq is already running here: ${who} holds ${path} but does not answer; is it stopped (SIGSTOP)? continue it or end it`;
}

function serve(socket: Socket, told: object, onRequest: RequestListener | undefined): void {
  socket.on("error", () => socket.destroy());
  const say = (answer: object): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };
  say(told);
  const read = lineReader((line) => {
    try {
      onRequest?.(JSON.parse(line), say);
    } catch (error) {
      // Bad JSON, or a listener that failed: either way only this connection is told.
      say({ error: messageOf(error) });
    }
  });
  socket.on("data", (bytes) => {
    if (!read(bytes)) socket.destroy();
  });
}
