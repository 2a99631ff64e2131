import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { askHolder, type LockHolder } from "../system/lock-holder.ts";
import { socketPath } from "../system/short-socket.ts";
import { holdersOf, unixListenersOn } from "../system/socket-owner.ts";

/** Who holds `healq.sock`. */
export type Supervisor =
  | { readonly at: "absent" }
  /** It holds the socket but says nothing: stopped by a signal, or very busy. */
  | { readonly at: "silent" }
  | { readonly at: "running"; readonly holder: LockHolder };

/** The supervisor's socket. */
function supervisorSocket(stateDir: string): string {
  return socketPath(stateDir, "healq.sock");
}

/** Asks who supervises here. */
export async function askSupervisor(stateDir: string): Promise<Supervisor> {
  const holder = await askHolder(supervisorSocket(stateDir));
  if (holder === undefined) return { at: "absent" };
  return holder === "silent" ? { at: "silent" } : { at: "running", holder };
}

/** The pid of the process that listens on `healq.sock`, also when it does not answer; undefined when it cannot be told. */
export function holderOf(stateDir: string): number | undefined {
  return holdersOf(unixListenersOn(supervisorSocket(stateDir)))[0]?.pid;
}

/** An open line to the supervisor. */
export interface SupervisorLine {
  /** Says one JSON line. */
  say(message: object): void;
  /** What it says, as parsed JSON; ends when it closes. Lines that are no JSON are left out. */
  heard(): AsyncIterable<unknown>;
  close(): void;
}

/** Connects to the supervisor; undefined when it is gone by now. */
export async function openSupervisor(stateDir: string): Promise<SupervisorLine | undefined> {
  const socket = await connected(supervisorSocket(stateDir));
  if (socket === undefined) return undefined;
  return {
    say: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    heard: () => linesOf(socket),
    close: () => void socket.destroy(),
  };
}

async function* linesOf(socket: Socket): AsyncGenerator<unknown> {
  for await (const text of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    try {
      yield JSON.parse(text);
    } catch {
      // No word of a supervisor.
    }
  }
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    // Later errors (a reset while it stops) only end the line.
    socket.on("error", () => resolve(undefined));
  });
}
