import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import * as z from "zod";
import { socketPath } from "../system/short-socket.ts";
import { holdersOf, unixListenersOn } from "../system/socket-owner.ts";

const greeting = z.object({
  pid: z.int().positive(),
  node: z.string(),
  since: z.union([z.string(), z.number()]),
  ready: z.boolean().optional(),
});

/** What the supervisor says about itself to whoever connects. */
export type Greeting = z.infer<typeof greeting>;

/** Who holds `healq.sock`. */
export type Supervisor =
  | { readonly at: "absent" }
  /** It holds the socket but says nothing: stopped by a signal, or very busy. */
  | { readonly at: "silent" }
  | { readonly at: "running"; readonly greeting: Greeting };

/** How long an answer is waited for, in milliseconds. */
const answerWithin = 1_000;

/** Asks who supervises here. Never rejects. */
export async function askSupervisor(stateDir: string): Promise<Supervisor> {
  const line = await openSupervisor(stateDir);
  line?.close();
  if (line === undefined) return { at: "absent" };
  return line.greeting === undefined ? { at: "silent" } : { at: "running", greeting: line.greeting };
}

/** The pid of the process that listens on `healq.sock`, also when it does not answer; undefined when it cannot be told. */
export function holderOf(stateDir: string): number | undefined {
  return holdersOf(unixListenersOn(socketPath(stateDir, "healq.sock")))[0]?.pid;
}

/** An open line to the supervisor. */
export interface SupervisorLine {
  /** Undefined when it did not greet in time. */
  readonly greeting: Greeting | undefined;
  /** Says one JSON line. */
  say(message: unknown): void;
  /** What it says from now on, as parsed JSON; ends when it closes. Lines that are no JSON are left out. */
  heard(): AsyncIterable<unknown>;
  close(): void;
}

/** Connects to the supervisor; undefined when nobody listens there. */
export async function openSupervisor(stateDir: string): Promise<SupervisorLine | undefined> {
  const socket = await connected(socketPath(stateDir, "healq.sock"));
  if (socket === undefined) return undefined;
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  const first = await firstLine(lines, socket);
  const parsed = greeting.safeParse(parseJson(first));
  return {
    greeting: parsed.success ? parsed.data : undefined,
    say: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    heard: async function* () {
      for await (const text of lines) {
        const message = parseJson(text);
        if (message !== undefined) yield message;
      }
    },
    close: () => {
      lines.close();
      socket.destroy();
    },
  };
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    // Later errors (a reset while it stops) only end the line.
    socket.on("error", () => resolve(undefined));
  });
}

function firstLine(lines: ReturnType<typeof createInterface>, socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(""), answerWithin);
    const end = (text: string): void => {
      clearTimeout(timer);
      resolve(text);
    };
    lines.once("line", end);
    socket.once("close", () => end(""));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
