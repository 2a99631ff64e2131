import { randomUUID } from "node:crypto";
import { messageOf } from "../model/errors.ts";
import { socketPath } from "./short-socket.ts";
import { type TmuxServer, type Told, tmux, tmuxServer } from "./tmux.ts";

// Processes with `console: tmux` run in windows of a tmux server of healq's own, one per `stateDir`: no settings of a person's tmux
// change it, nothing a person does to theirs ends it, and whoever may not read `stateDir` cannot reach it.

/** The tmux server of a `stateDir`, whether it runs or not; or why there can be none. Does not throw. */
export function consoleServer(stateDir: string): TmuxServer | { readonly problem: string } {
  try {
    const server = tmuxServer(socketPath(stateDir, "console.sock"), stateDir);
    return "problem" in server ? server : { ...server, args: ["-f", "/dev/null", ...server.args] };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** What every window of the server has. */
const settings: readonly (readonly string[])[] = [
  ["set-option", "-g", "history-limit", "10000"],
  ["set-option", "-g", "status-left-length", "70"],
  ["set-option", "-g", "status-right", " C-b d: leave it running "],
  ["set-option", "-s", "default-terminal", "screen-256color"],
];

/**
 * Starts a server with a window that ends by itself, and the server with it unless there is another one by then: a healq that dies
 * leaves nothing. It has next to no environment: what it had, every process would have.
 */
async function startServer(server: TmuxServer, session: string): Promise<Told> {
  const path = process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  return tmux(server, ["new-session", "-d", "-s", session, "sleep", "5"], { env: { PATH: path } });
}

/** What a client says to its server goes in one piece of this size, in bytes, or not at all. Source: imsg.h, MAX_IMSGSIZE. */
export const longestMessage = 16_000;

/**
 * Makes a window by a `new-session` with these options, on a server that is started if need be and that ends by itself with its last
 * window, and says what `next` and it printed. The environment goes from the client to the session, by the names of its
 * variables: as `-e NAME=VALUE` everybody on the machine could read it. That client never is what starts the server: it would keep it.
 */
export async function makeWindow(
  server: TmuxServer,
  newSession: readonly string[],
  next: readonly (readonly string[])[],
  env: Readonly<Record<string, string>>,
): Promise<Told> {
  const client = { ...server, args: ["-N", ...server.args] };
  const names = ["set-option", "-g", "update-environment", Object.keys(env).map(asName).join(" ")];
  const own = ["set-option", "-gu", "update-environment"];
  const all = sequence(...settings, names, newSession, own, ...next);
  const size = all.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
  if (size > longestMessage)
    return {
      problem: `its command line and the names of its variables are longer than the ${longestMessage} bytes that tmux takes, by ${size - longestMessage}`,
    };
  let told = await tmux(client, all, { env });
  if ("none" in told) {
    const first = randomUUID();
    const started = await startServer(server, first);
    if ("problem" in started) return started;
    told = await tmux(client, [...all, ";", "kill-session", "-t", `=${first}`], { env });
  }
  // What failed in the middle has left the rest undone.
  if ("problem" in told) await tmux(client, own);
  return told;
}

/** A variable's name in a list of patterns that blanks and commas part. */
function asName(name: string): string {
  return name.replace(/[*?[\]\\]/g, "\\$&").replace(/[ ,]/g, "?");
}

/** Several commands as one command line. */
export function sequence(...commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : [";", ...command]));
}
