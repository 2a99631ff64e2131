import { existsSync } from "node:fs";
import type { ExitInfo } from "../model/process.ts";
import { shutGates } from "./console-gate.ts";
import { type Pane, panesOf } from "./console-panes.ts";
import { consoleServer, sequence } from "./console-server.ts";
import { processFiles } from "./layout.ts";
import { markerPrefix } from "./members.ts";
import { lifeOf, readStat } from "./procfs.ts";
import { type TmuxServer, tmux } from "./tmux.ts";

/** The windows of the processes that run in tmux. Nothing here rejects: a window is for people, and no cure fails for it. */
export interface Consoles {
  /** How the process of this start ended, as tmux saw it; undefined if its window is gone or it still runs. */
  exitOf(id: string, instance: string, at: number): Promise<ExitInfo | undefined>;
  /** Puts the window of a new start where the one before was, so that who is attached sees it go on; else gives it the target's name. */
  settle(id: string, instance: string): Promise<void>;
  /** Closes the windows of a target, but for those whose process still runs, and what a start in a window left unfinished. */
  close(id: string): Promise<void>;
}

/** What a target's window and session are called: tmux takes no dots. */
export function consoleName(id: string): string {
  return id.replaceAll(".", "+");
}

/** The panes of a target's starts, dead or alive, and their server; or why there can be none. */
export async function consolePanes(
  stateDir: string,
  id: string,
): Promise<{ server: TmuxServer; panes: Pane[] } | { readonly problem: string }> {
  const server = consoleServer(stateDir);
  if ("problem" in server) return server;
  return { server, panes: await panesOf(server, markerPrefix(stateDir, id)) };
}

/** A pane whose process tmux, or the kernel, has seen end. */
export function isOver({ pid, ended }: Pane): boolean {
  const stat = readStat(pid);
  return ended !== undefined || stat === undefined || lifeOf(stat) !== "alive";
}

/** Opens the consoles of a `stateDir`. */
export function openConsoles(stateDir: string): Consoles {
  return {
    exitOf: async (id, instance, at) => {
      const found = await consolePanes(stateDir, id);
      if ("problem" in found) return undefined;
      const ended = found.panes.find(({ owner }) => owner.endsWith(`/${instance}`))?.ended;
      return ended === undefined ? undefined : { ...ended, unknown: false, at };
    },
    settle: async (id, instance) => {
      const found = await consolePanes(stateDir, id);
      if ("problem" in found) return;
      const { server, panes } = found;
      const own = panes.find(({ owner }) => owner.endsWith(`/${instance}`));
      if (own === undefined) return;
      const others = panes.filter((pane) => pane !== own && isOver(pane));
      // What a start that came to nothing left is nowhere that anybody looks.
      const old = others.find(({ session }) => !isOfStart(id, session)) ?? others[0];
      const moves = old === undefined ? [] : [["swap-pane", "-d", "-s", own.id, "-t", old.id]];
      const all = [...moves, ...others.map(killed), ...renamed(id, old ?? own)];
      if (all.length > 0) await tmux(server, sequence(...all));
    },
    close: async (id) => {
      const server = consoleServer(stateDir);
      // Most nodes have no such server, and a stop is not to wait for tmux to say so.
      if ("problem" in server || !existsSync(server.path)) return;
      shutGates(processFiles(stateDir, id).fifo);
      const found = await consolePanes(stateDir, id);
      if ("problem" in found) return;
      const ended = found.panes.filter(isOver);
      if (ended.length > 0) await tmux(found.server, sequence(...ended.map(killed)));
    },
  };
}

function killed(pane: Pane): string[] {
  return ["kill-pane", "-t", pane.id];
}

/** A session that still has the name of a start gets the target's. */
function renamed(id: string, { session }: Pane): string[][] {
  return isOfStart(id, session) ? [["rename-session", "-t", `=${session}:`, consoleName(id)]] : [];
}

function isOfStart(id: string, session: string): boolean {
  return session.startsWith(`${consoleName(id)}~`);
}
