import type { ExitInfo } from "../model/process.ts";
import { signalName } from "./exit-status.ts";
import { type TmuxServer, tmux } from "./tmux.ts";

/** The option of a pane that says whose it is: the marker of the start that it came from. */
export const ownerOption = "@healq";

/** A pane of the console server. */
export interface Pane {
  /** tmux's own name of it. */
  readonly id: string;
  readonly pid: number;
  /** The marker of the start that it was made for; empty for one that a person opened. */
  readonly owner: string;
  readonly session: string;
  /** How its process ended; undefined while it lives. */
  readonly ended?: Pick<ExitInfo, "code" | "signal">;
}

/** What `list-panes` prints of each pane. The name comes last: it may hold blanks. */
const format = [
  "#{pane_id}",
  "#{pane_pid}",
  "#{pane_dead_status}",
  "#{pane_dead_signal}",
  `#{${ownerOption}}`,
  "#{session_name}",
].join(" ");

const line = /^(%\d+) (\d+) (\d*) (\d*) (\S*) (.*)$/;

/** How long the list is waited for, in milliseconds: a process that has gone is `unknown` to a look for 2 s at most, see `process-death.ts`. */
const listedWithin = 1_500;

/** The panes that were made for the starts whose marker begins like this; none when no server runs, or it does not answer. */
export async function panesOf(server: TmuxServer, prefix: string): Promise<Pane[]> {
  const signals = [AbortSignal.timeout(listedWithin)];
  const told = await tmux(server, ["list-panes", "-a", "-F", format], { signals });
  if (!("said" in told)) return [];
  return told.said
    .split("\n")
    .flatMap(paneOf)
    .filter(({ owner }) => owner.startsWith(prefix));
}

function paneOf(text: string): Pane[] {
  const [, id, pid, status = "", signal = "", owner, session] = line.exec(text) ?? [];
  if (id === undefined || owner === undefined || session === undefined) return [];
  const ended = endOf(status, signal);
  return [{ id, pid: Number(pid), owner, session, ...(ended === undefined ? {} : { ended }) }];
}

function endOf(status: string, signal: string): Pane["ended"] {
  if (signal !== "") return { code: null, signal: signalName(Number(signal)) };
  return status === "" ? undefined : { code: Number(status), signal: null };
}
