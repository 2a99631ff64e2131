import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { TestNode } from "./node.ts";
import type { PrivateTmux } from "./tmux.ts";

/** The tmux server in which a node's processes with `console: tmux` run. */
export function consoleOf(node: TestNode): Pick<PrivateTmux, "socket" | "run"> {
  const socket = join(node.stateDir, "console.sock");
  const run = (...command: string[]) =>
    execFileSync("tmux", ["-S", socket, ...command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  return { socket, run };
}

/** `SESSION PID` of each of its windows; none when no server runs. */
export function windowsOf(node: TestNode): string[] {
  try {
    const listed = consoleOf(node).run("list-panes", "-a", "-F", "#{session_name} #{pane_pid}");
    return listed.split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
