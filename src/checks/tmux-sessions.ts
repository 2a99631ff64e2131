import { type TmuxServer, tmuxAgain } from "../system/tmux.ts";

/** One pane of a session. */
export interface Pane {
  /** `%5`: not used again while its server lives. */
  readonly id: string;
  /** Its first process. */
  readonly pid: number;
  /** Somebody scrolls in it (copy mode), or another mode is on. */
  readonly inMode: boolean;
  /** When its window last had output, in seconds since the epoch. */
  readonly activity: number;
  /** Lines that have left the screen. */
  readonly history: number;
}

/** One session of a tmux server. */
export interface Session {
  /** `$3`. */
  readonly id: string;
  readonly name: string;
  /** Clients that are attached to it. */
  readonly attached: number;
  /** Tells it from any other one, also of another server at the same socket. */
  readonly key: string;
  readonly panes: readonly Pane[];
}

/** What `list-panes` prints of each pane. The name comes last: it may hold blanks. */
const format = [
  "#{session_id}",
  "#{session_created}",
  "#{session_attached}",
  "#{pane_id}",
  "#{pane_pid}",
  "#{pane_in_mode}",
  "#{window_activity}",
  "#{history_size}",
  "#{session_name}",
].join(" ");

const line = /^(\$\d+) (\d+) (\d+) (%\d+) (\d+) (\d*) (\d*) (\d*) (.*)$/;

/** All sessions of a server by one call; none when no server listens. */
export async function listSessions(
  server: TmuxServer,
): Promise<readonly Session[] | { readonly problem: string }> {
  const told = await tmuxAgain(server, ["list-panes", "-a", "-F", format]);
  if ("problem" in told) return told;
  return "none" in told ? [] : parseSessions(told.said);
}

/** Reads what `list-panes` printed; a line that is none is passed over. */
function parseSessions(said: string): Session[] {
  const sessions = new Map<string, Session & { panes: Pane[] }>();
  for (const text of said.split("\n")) {
    const [, id, created, attached, pane, pid, mode, activity, history, name] = line.exec(text) ?? [];
    if (id === undefined || pane === undefined || name === undefined) continue;
    const session = sessions.get(id) ?? {
      id,
      name,
      attached: Number(attached),
      key: created ?? "",
      panes: [],
    };
    session.panes.push({
      id: pane,
      pid: Number(pid),
      inMode: Number(mode) > 0,
      activity: Number(activity),
      history: Number(history),
    });
    sessions.set(id, session);
  }
  return [...sessions.values()].map((session) => ({ ...session, key: keyOf(session) }));
}

function keyOf({ key, id, panes }: Session): string {
  return [key, id, ...panes.map((pane) => `${pane.id}=${pane.pid}`)].join(" ");
}

/** Why a session is not healq's to judge or to touch; undefined when nobody uses it. */
export function usedBy({ attached, panes }: Session): string | undefined {
  if (attached > 0) return "a person is attached";
  return panes.some((pane) => pane.inMode) ? "copy mode is on" : undefined;
}
