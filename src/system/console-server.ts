import { socketPath } from "./short-socket.ts";
import { type TmuxServer, type Told, tmux, tmuxServer } from "./tmux.ts";

// Processes with `console: tmux` run in windows of a tmux server of healq's own, one per `stateDir`: no settings of a person's tmux
// change it, nothing a person does to theirs ends it, and whoever may not read `stateDir` cannot reach it.

/** The tmux server of a `stateDir`, whether it runs or not; or why there can be none. */
export function consoleServer(stateDir: string): TmuxServer | { readonly problem: string } {
  const server = tmuxServer(socketPath(stateDir, "console.sock"), stateDir);
  return "problem" in server ? server : { ...server, args: ["-f", "/dev/null", ...server.args] };
}

/** What every window of the server has; a dead one stays until it is replaced, and tells how its process ended. */
const settings: readonly (readonly string[])[] = [
  ["set-option", "-g", "remain-on-exit", "on"],
  ["set-option", "-g", "history-limit", "10000"],
  ["set-option", "-g", "status-left-length", "70"],
  ["set-option", "-g", "status-right", " C-b d: leave it running "],
];

/** Starts the server unless it runs. It has next to no environment: what it had, every process would have. */
async function startServer(server: TmuxServer): Promise<Told> {
  const stay = ["set-option", "-s", "exit-empty", "off"];
  const path = process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  return tmux(server, sequence(["start-server"], stay, ...settings), {
    env: { PATH: path, LC_CTYPE: "C.UTF-8" },
  });
}

/**
 * Runs commands that make a window, on a server that is started if need be and that ends by itself with its last window. The
 * client has `env`, and never is what starts the server: a server would keep it.
 */
export async function makeWindow(
  server: TmuxServer,
  commands: readonly (readonly string[])[],
  env: Readonly<Record<string, string>>,
): Promise<Told> {
  const client = { ...server, args: ["-N", ...server.args] };
  const all = sequence(...commands, ["set-option", "-s", "exit-empty", "on"]);
  const first = await tmux(client, all, { env });
  if (!("none" in first)) return first;
  const started = await startServer(server);
  return "problem" in started ? started : tmux(client, all, { env });
}

/** Several commands as one command line. */
export function sequence(...commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : [";", ...command]));
}
